//! Strangers, and those who pretend to be somebody.

use super::*;

fn introduced(world: &mut World, who: &Identity, nickname: &str) -> Vec<Action> {
    world.relay_says(&FromRelay::IntroFrom { peer: *who.public(), nickname })
}

#[test]
fn a_stranger_goes_to_the_request_list_and_nowhere_else() {
    let mut world = World::ready();
    let carol = identity(CAROL);
    let actions = introduced(&mut world, &carol, "Carol␟person");
    let [Event::Introduced { person, invite: code, known: false }] = events(&actions)[..] else {
        panic!("{actions:?}")
    };
    assert_eq!((person.peer.0, person.name.as_str()), (key(CAROL), "Carol"));
    assert_eq!(person.contact_type.as_deref(), Some("person"));
    assert_eq!(*code, invite(&carol, "Carol␟person"));
    assert!(introduced(&mut world, &carol, "Carol").is_empty(), "shown once");

    let text = text_body(&[1; 16], "hi");
    assert_eq!(refused(&world.peer_says(&carol, 0x20, &text)), "sender is no contact");
    assert_eq!(codes(&world.send(CAROL, "x")), [Code::UnknownPeer]);

    let accept = Command::Contact { invite: code.clone(), name: None, reference: None };
    assert!(matches!(events(&world.ask(accept))[..], [Event::Contact { .. }]));
    assert_eq!(events(&world.peer_says(&carol, 0x20, &text)).len(), 1);
    let actions = introduced(&mut world, &carol, "Carol");
    assert!(matches!(events(&actions)[..], [Event::Introduced { known: true, .. }]));
    assert!(introduced(&mut world, &carol, "Carol").is_empty(), "shown once as known");
}

#[test]
fn other_keys_for_somebody_known_are_an_alarm_and_change_nothing() {
    let bob = identity(BOB);
    for impostor in [
        // Bob's X25519 key and so his id, another Ed25519 key; and the other way round.
        mixed(BOB, 77),
        mixed(77, BOB ^ 0x80),
        // Our own keys and the relay's are taken as well.
        mixed(ALICE, 77),
        mixed(77, ALICE ^ 0x80),
        mixed(77, RELAY ^ 0x80),
        identity(RELAY),
    ] {
        let mut world = World::ready();
        for actions in [introduced(&mut world, &impostor, "Bob"), world.contact(&impostor, "Bob")] {
            assert_eq!(codes(&actions), [Code::KeyConflict]);
            assert_eq!(faults(&actions)[0].peer, Some(Hex(*impostor.public().x25519())));
        }
        let genuine = world.peer_says(&bob, 0x20, &text_body(&[1; 16], "still me"));
        assert_eq!(events(&genuine).len(), 1);
    }
}

#[test]
fn a_contact_is_renamed_by_its_own_invite() {
    let mut world = World::ready();
    let actions = world.contact(&identity(BOB), "Robert");
    let [Event::Contact { person, .. }] = events(&actions)[..] else { panic!("{actions:?}") };
    assert_eq!(person.name, "Robert");
    let command = Command::Contact {
        invite: invite(&identity(BOB), "Robert"),
        name: Some("x".repeat(1_025)),
        reference: Some("r".into()),
    };
    let actions = world.ask(command);
    assert_eq!(codes(&actions), [Code::TooLong]);
    assert_eq!(faults(&actions)[0].reference.as_deref(), Some("r"));
}

#[test]
fn a_bad_invite_names_its_clause() {
    let mut world = World::ready();
    let good = invite(&identity(CAROL), "");
    for (wrong, clause) in [
        ("", "identity/invite-prefix"),
        (&good[..good.len() - 1], "identity/invite-encoding"),
        (&good[..80], "identity/invite-length"),
        ("https://relay.example/", "identity/invite-url"),
    ] {
        let invite = wrong.to_owned();
        let actions = world.ask(Command::Contact { invite, name: None, reference: None });
        let fault = faults(&actions)[0];
        assert_eq!(fault.code, Code::BadInvite);
        assert_eq!(fault.clause.map(sealwire::Clause::id), Some(clause), "{wrong}");
    }
}

#[test]
fn lists_have_an_end() {
    let mut world = World::new(Limits { contacts: 2, requests: 2, ..Limits::default() });
    world.connect();
    for byte in [20, 21] {
        assert_eq!(events(&introduced(&mut world, &identity(byte), "x")).len(), 1);
    }
    let actions = introduced(&mut world, &identity(22), "x");
    assert_eq!(refused(&actions), "request list is full");
    // Accepting one makes room for another.
    world.contact(&identity(21), "x");
    assert_eq!(events(&introduced(&mut world, &identity(22), "x")).len(), 1);
    assert!(codes(&world.contact(&identity(31), "x")).is_empty());
    assert_eq!(codes(&world.contact(&identity(32), "x")), [Code::Full]);
    assert!(codes(&world.contact(&identity(31), "renamed")).is_empty());
}

#[test]
fn a_long_nickname_is_shown_and_left_out_of_the_invite() {
    let mut world = World::ready();
    let carol = identity(CAROL);
    let actions = introduced(&mut world, &carol, &"n".repeat(70_000));
    let [Event::Introduced { person, invite: code, .. }] = events(&actions)[..] else { panic!() };
    assert_eq!(person.name.len(), 70_000);
    assert_eq!(*code, invite(&carol, ""));
}

#[test]
fn whoever_accepts_all_gets_contacts() {
    let mut world = World::ready();
    world.peer.setup.accept = true;
    let carol = identity(CAROL);
    let actions = introduced(&mut world, &carol, "Carol");
    assert!(matches!(events(&actions)[..], [Event::Introduced { .. }, Event::Contact { .. }]));
    assert_eq!(events(&world.peer_says(&carol, 0x20, &text_body(&[1; 16], "hi"))).len(), 1);
    assert_eq!(codes(&introduced(&mut world, &mixed(BOB, 77), "Bob")), [Code::KeyConflict]);
}
