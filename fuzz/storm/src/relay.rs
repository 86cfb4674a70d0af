//! Row 6: commands and events, each in its direction, write what they were read from.
//!
//! The input is a command byte and its body, read both ways and sealed both ways; and a frame of a
//! stranger's.

use crate::support::{PARTIES, nonce, refusal, tampered};
use arbitrary::Unstructured;
use sealwire::{
    frame::COMMAND_OVERHEAD,
    relay::{ErrorCode, FromRelay, MAX_INTRODUCE_NICKNAME, MAX_TOKEN, ToRelay},
};

/// WAKE and PUSH_REGISTER, which a relay hands on to the notifier.
const SHARED: [u8; 2] = [0x48, 0x49];

/// Row 6, relay.
pub fn check(input: &[u8]) {
    refusal(input, |frame| PARTIES.link.open_command(frame).map(drop));
    refusal(input, |frame| PARTIES.session.open_event(frame).map(drop));
    let Some((command, body)) = input.split_first() else { return };
    to_relay(*command, body);
    from_relay(*command, body);
    let both = ToRelay::parse(*command, body).is_ok() && FromRelay::parse(*command, body).is_ok();
    assert!(!both || SHARED.contains(command), "{command:#04x} has two directions");
}

fn to_relay(command: u8, body: &[u8]) {
    let sealed = PARTIES.client_says(command, body);
    let changed = tampered(&sealed, &mut Unstructured::new(body));
    refusal(&changed, |frame| PARTIES.link.open_command(frame).map(drop));
    refusal(&sealed, |frame| PARTIES.session.open_event(frame).map(drop));

    let mut opened = sealed.clone();
    let inner = PARTIES.link.open_command(&mut opened).expect("a command of the client's");
    assert_eq!((inner.command, inner.body), (command, body));
    let Ok(parsed) = ToRelay::parse(command, body) else { return };
    match parsed {
        ToRelay::Introduce { nickname, .. } => assert!(nickname.len() <= MAX_INTRODUCE_NICKNAME),
        ToRelay::PushRegister { token, .. } => assert!(token.len() <= MAX_TOKEN),
        _ => {}
    }
    // Bytes behind the kind of a WAKE are cut; everything else is written as it was read.
    let most = if matches!(parsed, ToRelay::Wake { .. }) { body.len().min(9) } else { body.len() };
    let mut again = vec![0xaa; sealed.len()];
    let length = PARTIES.session.seal_command(&mut again, &PARTIES.client, nonce(3), &parsed);
    assert_eq!(length, Ok(COMMAND_OVERHEAD + most));
    assert!(again[..COMMAND_OVERHEAD + most] == PARTIES.client_says(command, &body[..most]));
}

fn from_relay(command: u8, body: &[u8]) {
    let sealed = PARTIES.relay_says(command, body);
    let changed = tampered(&sealed, &mut Unstructured::new(body));
    refusal(&changed, |frame| PARTIES.session.open_event(frame).map(drop));
    refusal(&sealed, |frame| PARTIES.link.open_command(frame).map(drop));

    let mut opened = sealed.clone();
    let inner = PARTIES.session.open_event(&mut opened).expect("an event of the relay's");
    assert_eq!((inner.command, inner.body), (command, body));
    let Ok(parsed) = FromRelay::parse(command, body) else { return };
    let most = fixed_length(&parsed).map_or(body.len(), |most| body.len().min(most));
    let mut again = vec![0xaa; sealed.len()];
    let length = PARTIES.link.seal_event(&mut again, &PARTIES.relay, nonce(3), &parsed);
    assert_eq!(length, Ok(COMMAND_OVERHEAD + most));
    assert!(again[..COMMAND_OVERHEAD + most] == PARTIES.relay_says(command, &body[..most]));
}

/// How much of the body is kept where it has room to grow.
fn fixed_length(event: &FromRelay<'_>) -> Option<usize> {
    match event {
        FromRelay::HandshakeOk => Some(1),
        FromRelay::Wake { .. } => Some(9),
        FromRelay::ServerPing => Some(0),
        FromRelay::Error(ErrorCode::RecipientOffline { .. }) => Some(33),
        FromRelay::Error(ErrorCode::BadVersion { .. }) => Some(2),
        FromRelay::Error(ErrorCode::IdInUse | ErrorCode::Unknown(_)) => Some(1),
        _ => None,
    }
}
