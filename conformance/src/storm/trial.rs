//! One input made of a vector and some mutations, drawn from bytes: the same bytes, the same input.

use arbitrary::{Result, Unstructured};

use super::change::Mutation;
use super::grounds::{GROUNDS, Ground};
use crate::model::relay as r;
use crate::vectors::{Answer, Case, Expect, Input, Members, Steps, Stop, by_model};

/// How many mutations an input has: mostly one, so that it breaks one rule and no earlier one.
const COUNTS: [usize; 16] = [0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5];
/// One input in so many begins with a frame of a megabyte, if its operation has one.
const LONG_IN: u16 = 64;

/// A vector and what is changed in it.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    pub(super) ground: &'static Ground,
    pub(super) mutations: Vec<Mutation>,
}

impl Trial {
    /// The trial of these bytes, of the operations that `takes` takes; `None` if that is none.
    pub(crate) fn of(bytes: &[u8], takes: impl Fn(&Ground) -> bool) -> Option<Self> {
        Self::draw(&mut Unstructured::new(bytes), takes).ok().flatten()
    }

    fn draw(u: &mut Unstructured<'_>, takes: impl Fn(&Ground) -> bool) -> Result<Option<Self>> {
        let grounds_of = |op: &&str| GROUNDS.of_op(op, false).iter().any(&takes);
        let ops: Vec<_> = GROUNDS.weighed().into_iter().filter(grounds_of).collect();
        if ops.is_empty() {
            return Ok(None);
        }
        let op = u.choose(&ops)?;
        let grounds = |right: bool| {
            let grounds = GROUNDS.of_op(op, false).iter();
            grounds.filter(|ground| takes(ground) && (ground.accepted || !right)).collect()
        };
        // What is refused already is refused by the same clause after most mutations.
        let right: Vec<_> = if u.ratio(1, 2)? { grounds(true) } else { Vec::new() };
        let grounds: Vec<_> = if right.is_empty() { grounds(false) } else { right };
        let mut ground = *u.choose(&grounds)?;
        let count = *u.choose(&COUNTS)?;
        let drawn = |u: &mut Unstructured<'_>| Mutation::draw(u, ground);
        let mutations = (0..count).map(|_| drawn(u)).collect::<Result<_>>()?;
        // Bytes that have run out draw what is common.
        if !u.ratio(LONG_IN - 1, LONG_IN)? {
            let long: Vec<_> = GROUNDS.of_op(op, true).iter().filter(|g| takes(g)).collect();
            ground = if long.is_empty() { ground } else { u.choose(&long)? };
        }
        Ok(Some(Self { ground, mutations }))
    }

    /// The input, and what was done to it; `None` if the operation takes no such input.
    pub(crate) fn input(&self) -> Option<(Members, Vec<String>)> {
        let (op, mut input) = (&self.ground.op, self.ground.input.clone());
        let told = self.mutations.iter().filter_map(|mutation| mutation.apply(op, &mut input));
        let told = told.collect();
        (op != "relay.frame" || is_event(&input)).then_some((input, told))
    }

    /// The vector that this input would be: with the answer of the model.
    pub(crate) fn case(&self) -> Option<Case> {
        let (input, told) = self.input()?;
        let op = self.ground.op.clone();
        let mut steps = Steps::default();
        let (expect, clause) = match due(&op, &input, &mut steps) {
            Ok(output) => (Expect::Ok(output), self.ground.clause()),
            Err(Stop::Refused(clause)) => (Expect::Reject(clause.to_owned()), clause),
            Err(Stop::Malformed(_)) => return None,
        };
        let told = if told.is_empty() { "as it is".to_owned() } else { told.join("; ") };
        Some(Case {
            id: format!("{clause}-0000"),
            op,
            comment: format!("{}, {told}", self.ground.id),
            effect: None,
            flags: vec!["fuzz".to_owned()],
            input,
            steps: steps.members(),
            expect,
            disagreement: None,
        })
    }
}

/// Bytes that give this vector, by its place among the grounds: as it is, and with mutations.
pub(super) fn seeds(op: &str, at: usize, name: &str) -> [(&'static str, Vec<u8>); 2] {
    // The choices of `draw`: one byte each, as long as there are no more than 256 to choose from.
    let op = GROUNDS.weighed().iter().position(|known| *known == op).unwrap_or_default();
    let [op, at] = [op, at].map(|choice| choice.to_le_bytes()[0]);
    let noise = blake3::hash(name.as_bytes());
    let mutated = [&[op, 1, at, 8][..], noise.as_bytes()].concat();
    [("plain", vec![op, 1, at, 0]), ("mutated", mutated)]
}

/// What the model says.
pub(super) fn due(op: &str, input: &Members, steps: &mut Steps) -> Answer {
    let inputs = Input::each(input)?;
    let one = inputs.first().ok_or_else(|| Stop::Malformed("no input".to_owned()))?;
    by_model::run(op, one, steps)
}

/// Whether a relay may say this at all, and in no other bytes: `relay.frame` seals nothing else.
fn is_event(input: &Members) -> bool {
    let command = input.get("command").and_then(serde_json::Value::as_u64).unwrap_or_default();
    let Ok(command) = u8::try_from(command) else { return false };
    let body = super::seals::bytes_of(input, "body").unwrap_or_default();
    let exact = matches!(
        command,
        r::PEER_ONLINE | r::PEER_OFFLINE | r::INTRO_FROM | r::PUSH_REGISTER | r::NOTICE
    );
    exact && r::read_event(command, &body).is_ok()
}
