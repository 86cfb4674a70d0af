//! `sealwire adapter --check`: can the lines be judged at all? What they say is not judged here.

use crate::adapter::{Session, Trouble, canaries};
use crate::cli::{Adapter, Exit, broken};
use crate::live::outcome::{Outcome, Stop};
use crate::report::print;
use crate::vectors::{Case, Expect, Input};

/// Hello, canaries, one case of each kind of each operation; prints what it finds.
pub(super) async fn check(asked: &Adapter, cases: &[Case]) -> Exit {
    match checked(asked, cases).await {
        Ok(0) => {
            print("every line can be judged\n");
            Exit::Conforms
        }
        Ok(faults) => broken(&format!("{faults} faults in what the adapter says")),
        Err(stop) => broken(&super::no_adapter(stop)),
    }
}

/// How many faults there are.
async fn checked(asked: &Adapter, cases: &[Case]) -> Outcome<usize> {
    let mut session = Session::open(&asked.command, asked.timeout).await?;
    print(&format!("hello        {}\n", session.hello));
    let (ops, features) = (&session.hello.ops, &session.hello.features);
    print(&format!("             {} operations, features: {}\n", ops.len(), features.join(", ")));
    canaries(&mut session, cases).await?;
    print("canaries     caught nothing\n");
    let mut faults = 0;
    for op in session.hello.ops.clone() {
        let fault = of_op(&mut session, &op, cases).await?;
        print(&format!("{op:28}{}\n", fault.as_deref().unwrap_or("ok")));
        faults += usize::from(fault.is_some());
    }
    let fault = session.close().await;
    print(&format!("{:28}{}\n", "bye", fault.as_deref().unwrap_or("ok")));
    Ok(faults + usize::from(fault.is_some()))
}

/// What is wrong with the answers to the first case of each kind.
async fn of_op(session: &mut Session, op: &str, cases: &[Case]) -> Outcome<Option<String>> {
    let of_kind = |accept: bool| {
        let is =
            move |case: &&Case| case.op == op && matches!(case.expect, Expect::Ok(_)) == accept;
        cases.iter().find(is)
    };
    for case in [of_kind(true), of_kind(false)].into_iter().flatten() {
        let broken = |stop| Stop::Broken(format!("{}: {stop:?}", case.id));
        let inputs = Input::each(&case.input).map_err(broken)?;
        let Some(input) = inputs.first() else { continue };
        match session.run(op, &input.plain().map_err(broken)?, Some(&case.id)).await {
            Ok(_) => {}
            Err(Trouble::Crash(why)) => return Ok(Some(format!("crash: {why} ({})", case.id))),
            Err(Trouble::Protocol(fault)) => return Ok(Some(format!("{fault} ({})", case.id))),
            Err(Trouble::Spent) => return Err(Stop::Broken("it ended too often".to_owned())),
        }
    }
    Ok(None)
}
