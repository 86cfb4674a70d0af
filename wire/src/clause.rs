//! The table of clauses: every normative sentence of the specification, by name and class.
//!
//! The sentences themselves stand in `spec/` only. A test of the suite holds both together.

use core::fmt;

/// What kind of refusal a clause is. Implementations answer with a class where they cannot name
/// the clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Too short or too long for its format.
    Length,
    /// Not the one encoding that is allowed.
    Encoding,
    /// A public key that is not imported.
    Key,
    /// Signature, tag or derivation: deliberately one word for all.
    Authentic,
    /// A message of a kind that has no place here.
    Kind,
    /// Another version of the protocol.
    Version,
    /// Right in itself, at the wrong time.
    State,
    /// More than a stated number.
    Limit,
    /// The connection ends.
    Closed,
    /// Dropped without an answer; the connection stays.
    Dropped,
    /// Answered with an ERROR.
    Error,
    /// Taken and without effect.
    Ignored,
}

impl Class {
    /// The class as vectors and adapters write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Encoding => "encoding",
            Self::Key => "key",
            Self::Authentic => "authentic",
            Self::Kind => "kind",
            Self::Version => "version",
            Self::State => "state",
            Self::Limit => "limit",
            Self::Closed => "closed",
            Self::Dropped => "dropped",
            Self::Error => "error",
            Self::Ignored => "ignored",
        }
    }
}

macro_rules! clauses {
    ($($name:ident, $id:literal, $class:ident;)*) => {
        /// A clause of the specification. As an error: the first one broken, in the receiver's
        /// written order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Clause {
            $(#[doc = concat!("`[", $id, "]`")] $name,)*
        }

        impl Clause {
            /// Every clause, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in the specification, `chapter/slug`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// The class of refusal.
            #[must_use]
            pub const fn class(self) -> Class {
                match self { $(Self::$name => Class::$class,)* }
            }
        }
    };
}

clauses! {
    PrimitivesX25519Contributory, "primitives/x25519-contributory", Key;
    PrimitivesX25519HighBit, "primitives/x25519-high-bit", Key;
    PrimitivesX25519Canonical, "primitives/x25519-canonical", Key;
    PrimitivesX25519OnCurve, "primitives/x25519-on-curve", Key;
    PrimitivesX25519Order, "primitives/x25519-order", Key;
    PrimitivesEd25519Sign, "primitives/ed25519-sign", Authentic;
    PrimitivesEd25519KeyEncoding, "primitives/ed25519-key-encoding", Key;
    PrimitivesEd25519KeyOrder, "primitives/ed25519-key-order", Key;
    PrimitivesEd25519Signature, "primitives/ed25519-signature", Authentic;
    PrimitivesAead, "primitives/aead", Authentic;
    PrimitivesContext, "primitives/context", Kind;
    IdentitySeeds, "identity/seeds", Length;
    IdentityId, "identity/id", Key;
    IdentityZeroId, "identity/zero-id", Key;
    IdentityFullKey, "identity/full-key", Key;
    IdentityInvite, "identity/invite", Encoding;
    IdentityInviteNickname, "identity/invite-nickname", Limit;
    IdentityInviteTrim, "identity/invite-trim", Encoding;
    IdentityInviteUrl, "identity/invite-url", Encoding;
    IdentityInvitePrefix, "identity/invite-prefix", Encoding;
    IdentityInviteEncoding, "identity/invite-encoding", Encoding;
    IdentityInviteLength, "identity/invite-length", Length;
    IdentityInviteNicknameRead, "identity/invite-nickname-read", Limit;
    IdentityInviteUtf8, "identity/invite-utf8", Encoding;
    IdentityContactType, "identity/contact-type", Encoding;
    IdentitySafetyNumber, "identity/safety-number", Key;
    PacketLayout, "packet/layout", Authentic;
    PacketKey, "packet/key", Authentic;
    PacketSignedRange, "packet/signed-range", Authentic;
    PacketNonceFresh, "packet/nonce-fresh", Authentic;
    PacketNonceAny, "packet/nonce-any", Authentic;
    PacketMessageId, "packet/message-id", Ignored;
    PacketTooShort, "packet/too-short", Length;
    PacketSignature, "packet/signature", Authentic;
    PacketAuthentic, "packet/authentic", Authentic;
    PacketVerifyFirst, "packet/verify-first", Authentic;
    PacketNoRelease, "packet/no-release", Authentic;
    PacketReflection, "packet/reflection", Authentic;
    FrameBinary, "frame/binary", Kind;
    FrameHeaderTo, "frame/header-to", Authentic;
    FrameHeaderFrom, "frame/header-from", Authentic;
    FrameMask, "frame/mask", Authentic;
    FrameRelayHeader, "frame/relay-header", Kind;
    FrameVerbatim, "frame/verbatim", Authentic;
    FrameOpaque, "frame/opaque", Dropped;
    FrameTooShort, "frame/too-short", Dropped;
    FrameToSelf, "frame/to-self", Ignored;
    FrameOrder, "frame/order", State;
    FrameTooLong, "frame/too-long", Limit;
    FrameDrainAfter1009, "frame/drain-after-1009", Closed;
    FrameBeforeHello, "frame/before-hello", Limit;
    FrameSendLimit, "frame/send-limit", Limit;
    FrameClientLimit, "frame/client-limit", Limit;
    FrameRelayLimit, "frame/relay-limit", Limit;
    FrameFragments, "frame/fragments", Kind;
    FrameFragmentsLimit, "frame/fragments-limit", Limit;
    FrameTextPing, "frame/text-ping", Kind;
    FrameTextOther, "frame/text-other", Ignored;
    FrameWebsocket, "frame/websocket", Closed;
    FrameNoCompression, "frame/no-compression", Kind;
    HandshakeHelloLayout, "handshake/hello-layout", Authentic;
    HandshakeHelloTrailing, "handshake/hello-trailing", Ignored;
    HandshakeBinary, "handshake/binary", Kind;
    HandshakeTooShort, "handshake/too-short", Length;
    HandshakeClientKey, "handshake/client-key", Key;
    HandshakeHelloSeal, "handshake/hello-seal", Authentic;
    HandshakeHelloCommand, "handshake/hello-command", Kind;
    HandshakeSigningKey, "handshake/signing-key", Key;
    HandshakeHelloSignature, "handshake/hello-signature", Authentic;
    HandshakeVersion, "handshake/version", Error;
    HandshakeSilentRefusal, "handshake/silent-refusal", Closed;
    HandshakeErrorThenClose, "handshake/error-then-close", Closed;
    HandshakeControlFrames, "handshake/control-frames", Ignored;
    HandshakeDeadline, "handshake/deadline", Closed;
    HandshakeRegisterBeforeOk, "handshake/register-before-ok", State;
    HandshakeOneWinner, "handshake/one-winner", State;
    HandshakeRemovalBySession, "handshake/removal-by-session", State;
    HandshakeProbe, "handshake/probe", State;
    HandshakeIdInUse, "handshake/id-in-use", Error;
    HandshakeOneProbe, "handshake/one-probe", State;
    HandshakeEarlyFrames, "handshake/early-frames", State;
    HandshakeReplay, "handshake/replay", Closed;
    HandshakeReplyLayout, "handshake/reply-layout", Authentic;
    HandshakeReplyFirst, "handshake/reply-first", State;
    HandshakeReplyCommand, "handshake/reply-command", Kind;
    HandshakeReplyVersion, "handshake/reply-version", Version;
    HandshakeBadVersionStop, "handshake/bad-version-stop", State;
    HandshakeIdInUseRetry, "handshake/id-in-use-retry", State;
    HandshakeSilence, "handshake/silence", State;
    HandshakeReconnect, "handshake/reconnect", State;
    RelayCommandAuthentic, "relay/command-authentic", Dropped;
    RelayUnknownCommand, "relay/unknown-command", Dropped;
    RelayDirection, "relay/direction", Dropped;
    RelayRelaySigned, "relay/relay-signed", Authentic;
    RelayEventUnknown, "relay/event-unknown", Ignored;
    RelayPeerPrivilege, "relay/peer-privilege", Ignored;
    RelaySubscribe, "relay/subscribe", Dropped;
    RelayKeyList, "relay/key-list", Dropped;
    RelaySubscribeBytes, "relay/subscribe-bytes", Ignored;
    RelaySubscribeLimit, "relay/subscribe-limit", Limit;
    RelayWatchersLimit, "relay/watchers-limit", Limit;
    RelayUnsubscribe, "relay/unsubscribe", Ignored;
    RelayPresenceOnline, "relay/presence-online", State;
    RelayPresenceOffline, "relay/presence-offline", State;
    RelaySubscriptionsEnd, "relay/subscriptions-end", State;
    RelayPresenceTruth, "relay/presence-truth", State;
    RelayIntroduce, "relay/introduce", Dropped;
    RelayIntroduceAbsent, "relay/introduce-absent", Dropped;
    RelayIntroduceLength, "relay/introduce-length", Dropped;
    RelayIntroduceNickname, "relay/introduce-nickname", Dropped;
    RelayIntroFrom, "relay/intro-from", Dropped;
    RelayWake, "relay/wake", Dropped;
    RelayPushRegister, "relay/push-register", Dropped;
    RelayPushToken, "relay/push-token", Dropped;
    RelayNotifier, "relay/notifier", Dropped;
    RelayNotifierKey, "relay/notifier-key", Key;
    RelayNotifierZero, "relay/notifier-zero", Key;
    RelayRecipientOffline, "relay/recipient-offline", Error;
    RelayError, "relay/error", Error;
    RelayNotice, "relay/notice", Ignored;
    RelayServerPing, "relay/server-ping", Ignored;
    RelayLife, "relay/life", State;
    RelayIdlePing, "relay/idle-ping", State;
    RelayIdleEnd, "relay/idle-end", Closed;
    RelaySlowWait, "relay/slow-wait", State;
    RelaySlowIsolation, "relay/slow-isolation", State;
    RelaySlowRefused, "relay/slow-refused", Error;
    RelaySlowClosed, "relay/slow-closed", Closed;
    RelayNoneDropped, "relay/none-dropped", State;
    RelayRepliesBounded, "relay/replies-bounded", Limit;
    RelayRate, "relay/rate", Limit;
    RelaySocketsLimit, "relay/sockets-limit", Limit;
    RelaySessionsLimit, "relay/sessions-limit", Limit;
    RelayDrain, "relay/drain", Closed;
    RelayEndpoint, "relay/endpoint", Kind;
    RelayStatus, "relay/status", Kind;
    RelayNoTrace, "relay/no-trace", Kind;
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl core::error::Error for Clause {}
