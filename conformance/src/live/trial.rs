//! What a relay case holds in its hands: the relay, fresh people, sockets and sessions.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use crate::model::handshake::{HelloParts, VERSION, hello_parts};

use super::outcome::{Outcome, Stop, fail, require, same};
use super::process::{Launch, RelayProcess};
use super::seed::Random;
use super::session::{Answer, SMALLEST_PACKET, Seen, Session, answer, send};
use super::socket::Socket;
use super::target::{Person, Target};

/// How often somebody comes back who is told that the old session is still there.
const RETURNS: usize = 50;

/// One trial of one relay. Every case gets its own, with a random stream of its own, so that cases
/// share a relay without meeting each other.
pub(crate) struct Trial {
    /// The relay.
    pub(crate) target: Arc<Target>,
    /// The process, if this trial started it.
    pub(crate) process: Option<RelayProcess>,
    /// Randomness of this case.
    pub(crate) random: Random,
}

impl Trial {
    /// A trial of `target`.
    pub(crate) fn of(target: Arc<Target>, random: Random) -> Self {
        Self { target, process: None, random }
    }

    /// A trial of a relay like this one, started for it alone with further arguments.
    pub(crate) async fn start(&mut self, arguments: &[&str]) -> Outcome<Self> {
        let (process, target) = RelayProcess::start(&self.launch()?, arguments).await?;
        let random = self.random.fork();
        Ok(Self { target: Arc::new(target), process: Some(process), random })
    }

    /// How to start a relay like this one.
    pub(crate) fn launch(&self) -> Outcome<Launch> {
        let launch = self.target.launch.clone();
        launch.ok_or_else(|| {
            Stop::Broken("a case without `needs Started` would start a relay".to_owned())
        })
    }

    /// Somebody new.
    pub(crate) fn person(&mut self) -> Person {
        Person::draw(&mut self.random)
    }

    /// A connection that has not said hello.
    pub(crate) async fn socket(&self) -> Outcome<Socket> {
        self.target.address.connect(self.target.patience).await
    }

    /// The parts of an honest hello, to be sent or to be spoilt.
    pub(crate) fn hello(&mut self, person: &Person) -> Outcome<HelloParts> {
        let nonce = self.random.hello_nonce();
        hello_parts(&person.keys, self.target.relay.x, nonce)
            .map_err(|clause| Stop::Broken(format!("no hello: [{clause}]")))
    }

    /// A session of somebody new.
    pub(crate) async fn join(&mut self) -> Outcome<Session> {
        let person = self.person();
        self.join_as(&person).await
    }

    /// Sessions of two people who are new.
    pub(crate) async fn pair(&mut self) -> Outcome<(Session, Session)> {
        Ok((self.join().await?, self.join().await?))
    }

    /// A session of this person, who may have been here a moment ago: a relay that has not seen the
    /// end of the last connection yet, and does not ask, is asked again.
    pub(crate) async fn join_as(&mut self, person: &Person) -> Outcome<Session> {
        let in_use = Answer::Reply(Err("handshake/id-in-use"));
        let mut last = in_use.clone();
        for _ in 0..RETURNS {
            let hello = self.hello(person)?.bytes();
            let (answer, socket) = self.try_hello(person, &hello).await?;
            if answer == Answer::Reply(Ok(VERSION)) {
                return self.registered(socket, person).await;
            }
            last = answer;
            if last != in_use {
                break;
            }
        }
        Err(fail("HANDSHAKE_OK", format!("{last:?}")))
    }

    /// A session of somebody new whose connection holds little of what is not read.
    pub(crate) async fn join_narrow(&mut self) -> Outcome<Session> {
        let person = self.person();
        let mut socket = self.target.address.connect_narrow(self.target.patience).await?;
        send(&mut socket, &self.hello(&person)?.bytes()).await?;
        let answer = answer(&mut socket, &person, &self.target.relay).await?;
        same("HANDSHAKE_OK", &Answer::Reply(Ok(VERSION)), &answer)?;
        self.registered(socket, &person).await
    }

    /// The session that was told HANDSHAKE_OK, once a frame to oneself has come back: it is
    /// registered then, whenever its reply came. Only the cases of that clause look at the moment
    /// between the two.
    async fn registered(&mut self, socket: Socket, person: &Person) -> Outcome<Session> {
        let mut session = self.adopt(socket, person)?;
        session.quiet("nothing before the first frame of a session").await?;
        Ok(session)
    }

    /// The session on a connection that was just told HANDSHAKE_OK.
    pub(crate) fn adopt(&mut self, socket: Socket, person: &Person) -> Outcome<Session> {
        Session::resume(socket, *person, self.target.relay, self.random.fork())
    }

    /// What the relay answers to this hello, and the connection.
    pub(crate) async fn try_hello(
        &mut self,
        person: &Person,
        hello: &[u8],
    ) -> Outcome<(Answer, Socket)> {
        let mut socket = self.socket().await?;
        send(&mut socket, hello).await?;
        let answer = answer(&mut socket, person, &self.target.relay).await?;
        Ok((answer, socket))
    }

    /// The session of the notifier; the guard keeps other cases from playing it meanwhile.
    pub(crate) async fn notifier(&mut self) -> Outcome<(Session, OwnedMutexGuard<Person>)> {
        let Some(notifier) = self.target.notifier.clone() else {
            return Err(Stop::Broken("a case without `needs Notifier` asked for it".to_owned()));
        };
        let guard = notifier.lock_owned().await;
        Ok((self.join_as(&guard).await?, guard))
    }

    /// The control exchange: an honest client joins, and a frame to itself comes back whole.
    pub(crate) async fn serves(&mut self) -> Outcome {
        let mut client = self.join().await?;
        let packet = client.send_opaque(client.id(), SMALLEST_PACKET).await?;
        let seen = client.next("a frame to oneself").await?;
        let expected = Seen::Frame(client.id(), packet);
        require(seen == expected, expected.describe(), seen.describe())
    }
}
