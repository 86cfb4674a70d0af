use super::*;
use std::fs;

/// What is in force, or every complaint; the file is `relay.toml`.
fn settings(
    file: &str,
    environment: &[(&str, &str)],
    flags: &[(&'static str, &str)],
) -> Result<Settings, Vec<String>> {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("relay.toml");
    fs::write(&path, file).unwrap();
    let told = Told {
        file: Some(path),
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).into(), value.into()))
            .collect(),
        flags: flags.iter().map(|(name, value)| (*name, (*value).into())).collect(),
    };
    let room = format!("{}/", room.path().display());
    let lines = |complaints: Vec<Complaint>| {
        complaints.iter().map(|complaint| complaint.to_string().replace(&room, "")).collect()
    };
    told.settings().map_err(lines)
}

fn ping(settings: Result<Settings, Vec<String>>) -> String {
    let settings = settings.unwrap();
    let row = Limits::ROWS.iter().find(|row| row.name == "idle.ping").unwrap();
    row.show(&settings.limits)
}

#[test]
fn later_wins() {
    let file = "[limits]\nidle.ping = \"1s\"";
    let environment = [("SEALWIRE_RELAY_IDLE_PING", "2s"), ("PATH", "/bin")];
    assert_eq!(ping(settings("", &[], &[])), "20s");
    assert_eq!(ping(settings(file, &[], &[])), "1s");
    assert_eq!(ping(settings(file, &environment, &[])), "2s");
    assert_eq!(ping(settings(file, &environment, &[("set", "idle.ping=3s")])), "3s");
}

#[test]
fn a_limit_can_be_written_in_each_way_that_toml_has() {
    for file in [
        "[limits]\nidle.ping = \"1s\"\n",
        "[limits.idle]\nping = \"1s\"\n",
        "limits.idle.ping = '1s'\n",
        "[limits]\n\"idle.ping\" = \"1s\"\n",
        "limits = { idle = { ping = \"1s\" } }\n",
    ] {
        assert_eq!(ping(settings(file, &[], &[])), "1s", "{file}");
    }
    let numbers = settings("[limits]\nhello.rate = 7\nframe.max = 4096\n", &[], &[]).unwrap();
    assert_eq!((numbers.limits.hello_rate(), numbers.limits.frame()), (7, 4_096));
}

#[test]
fn everything_wrong_in_a_file_is_told_at_once_with_its_place() {
    let file = "\
listne = '127.0.0.1:1'
admin = 7
idle.ping = '1s'

[limits]
idle.pong = '1s'
idle.end = 60
  queue.soft-bytes = '1kB'
hello.rate = 1.5

[limit]
[logs]
x = 1
";
    let complaints = settings(file, &[], &[]).unwrap_err();
    let expected = [
        "relay.toml:1:1: nothing has the name listne; did you mean listen?",
        "relay.toml:2:9: admin = 7: must be an address and a port, as in 127.0.0.1:8080",
        "relay.toml:3:6: idle.ping is a limit and belongs below [limits]",
        "relay.toml:6:6: nothing has the name limits.idle.pong; did you mean limits.idle.ping?",
        "relay.toml:7:12: idle.end = 60: the value must be a time",
        "relay.toml:8:22: queue.soft-bytes = 1kB: the value must be bytes",
        "relay.toml:9:14: hello.rate: must be a text, a whole number, true or false",
        "relay.toml:11:2: nothing has the name limit",
        "relay.toml:13:1: nothing has the name logs.x",
    ];
    assert_eq!(complaints.len(), expected.len(), "{complaints:#?}");
    for (complaint, expected) in complaints.iter().zip(expected) {
        assert!(complaint.starts_with(expected), "{complaint}\n{expected}");
        assert!(!complaint.contains('\n'), "{complaint}");
    }
}

#[test]
fn complaints_come_in_the_order_of_their_lines() {
    let file = "[limits]\nidle.x = 1\nslow.x = 2\nidle.y = 3\n[a]\nb = 1\n[limits.idle2]\nz = 1\n[a.c]\nd = 1";
    let complaints = settings(file, &[], &[]).unwrap_err();
    let lines: Vec<_> = complaints.iter().filter_map(|told| told.split(':').nth(1)).collect();
    assert_eq!(lines, ["2", "3", "4", "6", "8", "10"], "{complaints:#?}");
}

#[test]
fn a_file_that_is_no_toml_is_refused_where_it_breaks() {
    for (file, place) in [
        ("listen = \n", "relay.toml:1:10: "),
        ("\n[limits\n", "relay.toml:2:8: "),
        ("log = 'text'\nlog = 'json'\n", "relay.toml:2:1: duplicate key: log"),
        ("ä = 'é' x", "relay.toml:1:9: "),
    ] {
        let complaints = settings(file, &[], &[]).unwrap_err();
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(complaints[0].starts_with(place), "{complaints:?}");
        assert!(!complaints[0].contains('\n'), "{complaints:?}");
    }
    let none = Told { file: Some("/nowhere/relay.toml".into()), ..Told::default() };
    let complaint = none.settings().unwrap_err()[0].to_string();
    assert!(complaint.starts_with("/nowhere/relay.toml: cannot be read"), "{complaint}");
}

#[test]
fn unknown_variables_are_refused_unless_they_are_a_clients() {
    let complaints = settings("", &[("SEALWIRE_RELAY_LOGLEVEL", "info")], &[]).unwrap_err();
    let expected = "SEALWIRE_RELAY_LOGLEVEL: nothing has the name SEALWIRE_RELAY_LOGLEVEL; did you \
                    mean SEALWIRE_RELAY_LOG_LEVEL?";
    assert_eq!(complaints, [expected]);
    settings("", &[("SEALWIRE_RELAY_URL", "ws://…"), ("SEALWIRE_SEED", "1")], &[]).unwrap();
}

#[test]
fn an_admin_address_that_others_reach_is_asked_for_twice() {
    for open in ["0.0.0.0:9090", "[::]:9090", "192.0.2.1:9090"] {
        let complaints = settings("", &[], &[("admin", open)]).unwrap_err();
        assert!(complaints[0].starts_with("--admin: admin: other machines"), "{complaints:?}");
        let complaints = settings(&format!("admin = '{open}'"), &[], &[]).unwrap_err();
        assert!(complaints[0].starts_with("relay.toml:1:9: admin: other"), "{complaints:?}");
        settings("admin-anywhere = true", &[], &[("admin", open)]).unwrap();
    }
    for closed in ["127.0.0.1:9090", "[::1]:0", "off"] {
        settings("", &[], &[("admin", closed)]).unwrap();
    }
}

#[test]
fn both_addresses_on_one_port_are_refused() {
    let told = |listen, admin| {
        settings("admin-anywhere = true", &[], &[("listen", listen), ("admin", admin)])
    };
    let (here, everywhere) = ("127.0.0.1:8080", "0.0.0.0:8080");
    for (listen, admin) in [(here, here), (everywhere, here), (here, everywhere)] {
        let complaints = told(listen, admin).unwrap_err();
        let expected = format!("--admin: admin = {admin} takes the port of listen");
        assert!(complaints[0].starts_with(&expected), "{complaints:?}");
    }
    for other in ["127.0.0.1:8081", "127.0.0.2:8080", "off"] {
        told(here, other).unwrap();
    }
    told("127.0.0.1:0", "127.0.0.1:0").unwrap();
}

#[test]
fn limits_that_contradict_each_other_are_refused_where_one_was_told() {
    let file = "[limits]\nqueue.hard-frames = 10\n";
    let complaints = settings(file, &[], &[("set", "idle.ping=5min")]).unwrap_err();
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    assert!(complaints[0].starts_with("--set: idle.ping = 5min must be"), "{complaints:?}");
    assert!(
        complaints[1].starts_with("relay.toml:2:21: queue.soft-frames = 128 must"),
        "{complaints:?}"
    );
}

#[test]
fn the_page_is_taken_back_and_says_where_each_value_comes_from() {
    let file = "identity = 'a \"b\".json'\nnotifier = '0102030405060708'\n[limits]\nhello.rate = 7";
    let flags = [("set", "idle.ping=250ms"), ("log", "json"), ("admin", "off")];
    let first = settings(file, &[("SEALWIRE_RELAY_SLOW_WAIT", "7s")], &flags).unwrap();
    let page = page(&first);
    for line in ["hello.rate = 7 ", "idle.ping = \"250ms\" ", "admin = \"off\" "] {
        assert!(page.lines().any(|shown| shown.starts_with(line)), "{line}\n{page}");
    }
    for origin in ["; --set\n", "; --log\n", "; SEALWIRE_RELAY_SLOW_WAIT\n", "relay.toml:4:14\n"] {
        assert!(page.contains(origin), "{origin}\n{page}");
    }
    let again = settings(&page, &[], &[]).unwrap();
    assert_eq!(first.differing(&again), [""; 0]);
    assert_eq!(first.limits.adopt(&again.limits), crate::limits::Adopted::default());
}

#[test]
fn every_name_makes_a_variable_of_its_own() {
    let mut variables: Vec<_> = names().map(|name| in_capitals(&name)).collect();
    variables.extend(OF_CLIENTS.iter().map(|name| (*name).to_owned()));
    let count = variables.len();
    variables.sort_unstable();
    variables.dedup();
    assert_eq!(variables.len(), count);
}
