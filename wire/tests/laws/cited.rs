//! Every clause has a law here, or says where else it is held.

use sealwire::Clause;
use std::collections::BTreeSet;

const LAWS: [&str; 6] = [
    include_str!("primitives.rs"),
    include_str!("identity.rs"),
    include_str!("packet.rs"),
    include_str!("frame.rs"),
    include_str!("handshake.rs"),
    include_str!("relay.rs"),
];

/// Clauses that no function of this crate keeps, each under its reason.
const ELSEWHERE: [(&str, &str); 4] = [
    ("a type: what seals is consumed, and no received nonce is one", "packet/nonce-fresh"),
    (
        "WebSocket, HTTP and logs: the pumps, judged over sockets",
        "frame/binary frame/drain-after-1009 frame/fragments frame/fragments-limit \
         frame/text-ping frame/text-other frame/websocket frame/no-compression handshake/binary \
         handshake/silent-refusal handshake/error-then-close handshake/control-frames \
         relay/endpoint relay/status relay/no-trace",
    ),
    (
        "the client over time: the laws of the reference client",
        "handshake/reply-first handshake/bad-version-stop handshake/id-in-use-retry \
         handshake/silence handshake/reconnect relay/peer-privilege",
    ),
    (
        "the relay over time: the laws and the simulation of the reference relay",
        "frame/to-self frame/order handshake/deadline handshake/register-before-ok \
         handshake/one-winner handshake/removal-by-session handshake/probe handshake/one-probe \
         handshake/early-frames handshake/replay relay/subscribe relay/subscribe-limit \
         relay/watchers-limit relay/unsubscribe relay/presence-online relay/presence-offline \
         relay/subscriptions-end relay/presence-truth relay/introduce-absent relay/notifier \
         relay/notifier-key relay/notifier-zero relay/life relay/idle-ping relay/idle-end \
         relay/slow-wait relay/slow-isolation relay/slow-refused relay/slow-closed \
         relay/none-dropped relay/replies-bounded relay/rate relay/sockets-limit \
         relay/sessions-limit relay/drain",
    ),
];

/// What stands in brackets in the comment in front of a law.
fn cited() -> BTreeSet<&'static str> {
    let lines = LAWS.iter().flat_map(|source| source.lines());
    let comments = lines.filter_map(|line| line.trim_start().strip_prefix("///"));
    let brackets = comments.flat_map(|comment| comment.split('[').skip(1));
    brackets.filter_map(|rest| rest.split_once(']')).map(|(id, _)| id).collect()
}

#[test]
fn every_clause_has_a_law_or_says_where_it_is_held() {
    let cited = cited();
    let elsewhere: BTreeSet<_> =
        ELSEWHERE.iter().flat_map(|(_, ids)| ids.split_whitespace()).collect();
    let clauses: BTreeSet<_> = Clause::ALL.iter().map(|clause| clause.id()).collect();
    assert_eq!(cited.intersection(&elsewhere).collect::<Vec<_>>(), [&""; 0], "both");
    let held: BTreeSet<_> = cited.union(&elsewhere).copied().collect();
    assert_eq!(held.difference(&clauses).collect::<Vec<_>>(), [&""; 0], "no such clause");
    assert_eq!(clauses.difference(&held).collect::<Vec<_>>(), [&""; 0], "no law");
}
