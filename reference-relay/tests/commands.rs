//! Presence, introductions and wake-up calls over real sockets.

mod support;

use sealwire::relay::{Keys, ToRelay};
use sealwire_relay::exchange::switchboard::Notifier;
use support::{Client, identity, relay};
use tokio_websockets::Message;

const ONLINE: u8 = 0x42;
const OFFLINE: u8 = 0x43;

fn key(number: u8) -> [u8; 32] {
    *identity(number).public().x25519()
}

#[tokio::test]
async fn a_subscription_is_answered_once_in_order_of_first_appearance() {
    let relay = relay(&[], None).await;
    let (_bob, _carol) = (relay.client(2).await, relay.client(3).await);
    let mut alice = relay.client(1).await;
    let mut alias = key(2);
    alias[31] ^= 1;
    alice.subscribe(&[key(3), key(9), key(2), key(3), [0; 32], alias, key(1)]).await;
    let listed = [key(3), key(2), key(1)].concat();
    assert_eq!(alice.event().await, (ONLINE, listed), "herself too, nobody by half a key");

    alice.subscribe(&[]).await;
    alice.subscribe(&[key(9)]).await;
    let _nine = relay.client(9).await;
    assert_eq!(alice.event().await, (ONLINE, key(9).to_vec()), "no answer in between");
}

#[tokio::test]
async fn presence_follows_sessions_until_it_is_unsubscribed() {
    let relay = relay(&[], None).await;
    let (mut alice, bob) = (relay.client(1).await, relay.client(2).await);
    alice.subscribe(&[key(2), key(3)]).await;
    assert_eq!(alice.event().await, (ONLINE, key(2).to_vec()));
    drop(bob);
    assert_eq!(alice.event().await, (OFFLINE, key(2).to_vec()));
    let mut bob = relay.client(2).await;
    assert_eq!(alice.event().await, (ONLINE, key(2).to_vec()));

    alice.command(&ToRelay::Unsubscribe(Keys::new(&[key(2), key(8)]))).await;
    alice.connection.barrier().await;
    bob.connection.send(Message::close(None, "")).await;
    assert_eq!(bob.connection.closed().await, Some(1005));
    let _carol = relay.client(3).await;
    assert_eq!(alice.event().await, (ONLINE, key(3).to_vec()), "nothing of Bob");
}

#[tokio::test]
async fn subscriptions_and_watchers_are_limited_and_end_with_their_session() {
    let relay = relay(&["presence.subscriptions=2", "presence.watchers=1"], None).await;
    let (_two, _three, _four) =
        (relay.client(2).await, relay.client(3).await, relay.client(4).await);
    let mut alice = relay.client(1).await;
    alice.subscribe(&[key(2), key(3), key(4)]).await;
    assert_eq!(alice.event().await, (ONLINE, [key(2), key(3)].concat()));
    let mut other = relay.client(5).await;
    other.subscribe(&[key(3), key(4)]).await;
    assert_eq!(other.event().await, (ONLINE, key(4).to_vec()), "three has its watcher");
    alice.connection.send(Message::close(None, "")).await;
    assert_eq!(alice.connection.closed().await, Some(1005));
    let mut again = relay.client(1).await;
    again.subscribe(&[key(3)]).await;
    assert_eq!(again.event().await, (ONLINE, key(3).to_vec()), "nothing was left of the old one");
}

#[tokio::test]
async fn an_introduction_carries_the_keys_of_the_session() {
    let relay = relay(&[], None).await;
    let (mut alice, mut bob) = (relay.client(1).await, relay.client(2).await);
    let to = bob.public().id();
    let forged = [key(7), key(8)].concat();
    for nickname in [&forged[..], &[0xff; 1_024], b""] {
        alice.command(&ToRelay::Introduce { target: to, nickname }).await;
        let own = [alice.public().x25519(), alice.public().ed25519(), nickname].concat();
        assert_eq!(bob.event().await, (0x47, own));
    }
    let absent = identity(9).id();
    alice.command(&ToRelay::Introduce { target: absent, nickname: b"x" }).await;
    nothing_came(&mut alice).await;
}

#[tokio::test]
async fn what_no_relay_takes_is_dropped_and_the_session_stays() {
    let relay = relay(&["introduce.nickname=10"], None).await;
    let (mut alice, mut bob) = (relay.client(1).await, relay.client(2).await);
    let to = bob.public().id();
    alice.command(&ToRelay::Introduce { target: to, nickname: &[b'n'; 11] }).await;
    alice.command(&ToRelay::Wake { target: to, kind: None }).await;
    for command in [0x01, 0x02, 0x42, 0x43, 0x47, 0x4a, 0x88, 0xff, 0x00, 0x99] {
        alice.raw_command(command, b"0123456789").await;
    }
    alice.raw_command(0x40, &[7; 33]).await;
    alice.raw_command(0x46, &[7; 7]).await;
    let mut forged = alice.sealed(0x40, &key(2));
    *forged.last_mut().unwrap() ^= 1;
    alice.connection.send(Message::binary(forged)).await;
    nothing_came(&mut alice).await;
    nothing_came(&mut bob).await;
    let drops = relay.stop().await.route.counts.drops();
    let expected = [
        ("relay/command-authentic", 1),
        ("relay/direction", 8),
        ("relay/introduce-length", 1),
        ("relay/introduce-nickname", 1),
        ("relay/key-list", 1),
        ("relay/notifier", 1),
        ("relay/unknown-command", 2),
    ];
    assert_eq!(drops.into_iter().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn the_notifier_and_nobody_else_gets_calls_and_tokens() {
    let relay = relay(&[], Some(Notifier::Key(key(5)))).await;
    let (mut alice, mut notifier) = (relay.client(1).await, relay.client(5).await);
    let (target, me) = (identity(9).id(), alice.public().id());
    alice.raw_command(0x48, &target.0).await;
    alice.raw_command(0x48, &[&target.0[..], &[1, 2, 3]].concat()).await;
    alice.raw_command(0x48, &target.0[..7]).await;
    alice.command(&ToRelay::PushRegister { kind: 2, token: &[b't'; 4_096] }).await;
    alice.raw_command(0x49, &[1; 4_098]).await;
    alice.raw_command(0x49, &[]).await;
    alice.raw_command(0x49, &[0]).await;
    assert_eq!(notifier.event().await, (0x48, target.0.to_vec()), "eight as eight");
    assert_eq!(notifier.event().await, (0x48, [&target.0[..], &[1]].concat()), "cut to nine");
    let token = [&me.0[..], &[2], &[b't'; 4_096]].concat();
    assert_eq!(notifier.event().await, (0x49, token));
    assert_eq!(notifier.event().await, (0x49, [&me.0[..], &[0]].concat()));
    nothing_came(&mut notifier).await;
}

#[tokio::test]
async fn a_notifier_named_by_its_key_must_match_wholly() {
    let mut other = key(5);
    other[31] ^= 1;
    let relay = relay(&[], Some(Notifier::Key(other))).await;
    let (mut alice, mut five) = (relay.client(1).await, relay.client(5).await);
    alice.raw_command(0x48, &[7; 8]).await;
    nothing_came(&mut alice).await;
    nothing_came(&mut five).await;
}

/// A frame to oneself comes back behind everything that was due before.
async fn nothing_came(client: &mut Client) {
    let me = client.public().id();
    client.frame(me, 77, 112).await;
    assert_eq!(client.incoming().await, (me, 77, 112));
}
