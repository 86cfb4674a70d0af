//! Commands and events of the relay, in the members of the vectors.

use sealwire::handshake::VERSION;
use sealwire::relay::{ErrorCode, FromRelay, Keys, ToRelay};

use super::input::Written;

fn key_list(out: Written, keys: &Keys<'_>) -> Written {
    out.keys("keys", keys.as_slice())
}

pub(super) fn command_out(command: &ToRelay<'_>) -> Written {
    let name = |name: &str| Written::new().value("name", name);
    match command {
        ToRelay::Subscribe(keys) => key_list(name("SUBSCRIBE"), keys),
        ToRelay::Unsubscribe(keys) => key_list(name("UNSUBSCRIBE"), keys),
        ToRelay::Introduce { target, nickname } => {
            name("INTRODUCE").bytes("target", &target.0).bytes("nickname", nickname)
        }
        ToRelay::Wake { target, kind } => {
            name("WAKE").bytes("target", &target.0).value("kind", *kind)
        }
        ToRelay::PushRegister { kind, token } => {
            name("PUSH_REGISTER").value("kind", *kind).bytes("token", token)
        }
    }
}

pub(super) fn event_out(event: &FromRelay<'_>) -> Written {
    let name = |name: &str| Written::new().value("name", name);
    match event {
        FromRelay::HandshakeOk => name("HANDSHAKE_OK").value("version", VERSION),
        FromRelay::PeerOnline(keys) => key_list(name("PEER_ONLINE"), keys),
        FromRelay::PeerOffline(keys) => key_list(name("PEER_OFFLINE"), keys),
        FromRelay::IntroFrom { peer, nickname } => name("INTRO_FROM")
            .bytes("x25519", peer.x25519())
            .bytes("ed25519", peer.ed25519())
            .value("nickname", *nickname),
        FromRelay::Wake { target, kind } => {
            name("WAKE").bytes("target", &target.0).value("kind", *kind)
        }
        FromRelay::PushRegister { sender, kind, token } => name("PUSH_REGISTER")
            .bytes("sender", &sender.0)
            .value("kind", *kind)
            .bytes("token", token),
        FromRelay::ServerPing => name("SERVER_PING"),
        FromRelay::Notice(text) => name("NOTICE").value("text", *text),
        FromRelay::Error(error) => error_out(error),
    }
}

fn error_out(error: &ErrorCode) -> Written {
    let code = |code: u8| Written::new().value("name", "ERROR").value("code", code);
    match error {
        ErrorCode::IdInUse => code(1),
        ErrorCode::BadVersion { supported } => code(2).value("supported", *supported),
        ErrorCode::RecipientOffline { target, nonce } => {
            code(3).bytes("target", &target.0).bytes("nonce", &nonce.0)
        }
        ErrorCode::Unknown(unknown) => code(*unknown),
    }
}
