//! Chapter 1.

use super::{Flip, bytes, flips, points, scalars, secrets};
use chacha20::{ChaCha20, KeyIvInit, cipher::StreamCipher};
use curve25519_dalek::{
    Scalar,
    constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
    edwards::EdwardsPoint,
    montgomery::MontgomeryPoint,
};
use proptest::{prelude::*, sample::Index};
use sealwire::{
    Clause,
    primitives::{
        Context, Ed25519Public, FreshNonce, NonceBytes, Secret, X25519Public, aead_open, aead_seal,
        mask, sign, x25519,
    },
};
use sha2::{Digest as _, Sha512};

/// The number of the base point, the byte 09.
const NINE: [u8; 32] = {
    let mut nine = [0; 32];
    nine[0] = 9;
    nine
};

/// p + n, little-endian: the second encoding of n.
fn above_p(n: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    (bytes[0], bytes[31]) = (0xed + n, 0x7f);
    bytes
}

fn torsion() -> impl Strategy<Value = EdwardsPoint> {
    prop::sample::select(&EIGHT_TORSION[1..])
}

/// Keys that break exactly one check of P1, and the clause of that check.
fn faulty_keys() -> impl Strategy<Value = ([u8; 32], Clause)> {
    // The number 2 belongs to the twist, and so do its multiples.
    let two = MontgomeryPoint(std::array::from_fn(|i| if i == 0 { 2 } else { 0 }));
    prop_oneof![
        (0..19_u8).prop_map(|n| (above_p(n), Clause::PrimitivesX25519Canonical)),
        any::<[u8; 23]>().prop_map(|rest| {
            let mut key = [0; 32];
            key[8..31].copy_from_slice(&rest);
            (key, Clause::IdentityZeroId)
        }),
        scalars().prop_map(move |s| ((two * s).to_bytes(), Clause::PrimitivesX25519OnCurve)),
        (points(), torsion()).prop_map(|(point, torsion)| {
            ((point + torsion).to_montgomery().to_bytes(), Clause::PrimitivesX25519Order)
        }),
    ]
}

/// The number that ties a signature to its message.
fn challenge(r: &[u8; 32], public: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(public).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

/// A signature of the one who knows `secret`, with any point for R that `nonce` is said to give.
fn forged(secret: Scalar, nonce: Scalar, r: EdwardsPoint, message: &[u8]) -> ([u8; 32], [u8; 64]) {
    let public = (ED25519_BASEPOINT_POINT * secret).compress().to_bytes();
    let r = r.compress().to_bytes();
    let s = nonce + challenge(&r, &public, message) * secret;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice(s.as_bytes());
    (public, signature)
}

proptest! {
    /// [primitives/x25519-contributory]: the raw output, the same at both ends.
    #[test]
    fn both_ends_agree_on_one_secret(a in secrets(), b in secrets()) {
        let (public_a, public_b) = (x25519(&a, &NINE).unwrap(), x25519(&b, &NINE).unwrap());
        let shared = x25519(&a, public_b.expose()).unwrap();
        prop_assert_eq!(&shared, &x25519(&b, public_a.expose()).unwrap());
        let point = MontgomeryPoint(*public_b.expose()).mul_clamped(*a.expose());
        prop_assert_eq!(shared.expose(), point.as_bytes());
    }

    /// [primitives/x25519-contributory]: the function clamps its secret and ignores bit 255 of its
    /// key, so neither has to be done before.
    #[test]
    fn the_function_takes_every_secret_and_every_key(a: [u8; 32], b in secrets()) {
        let public = *x25519(&b, &NINE).unwrap().expose();
        let mut clamped = a;
        clamped[0] &= 0xf8;
        clamped[31] = clamped[31] & 0x7f | 0x40;
        let mut high = public;
        high[31] |= 0x80;
        let shared = x25519(&Secret::new(a), &public);
        prop_assert_eq!(&x25519(&Secret::new(clamped), &public), &shared);
        prop_assert_eq!(&x25519(&Secret::new(a), &high), &shared);
    }

    /// [primitives/x25519-contributory]
    #[test]
    fn a_key_of_small_order_agrees_with_nobody(
        secret in secrets(),
        point in prop::sample::select(&EIGHT_TORSION[..]),
        second: bool,
    ) {
        let mut public = point.to_montgomery().to_bytes();
        public[31] |= u8::from(second) << 7;
        let refused = x25519(&secret, &public);
        prop_assert_eq!(refused, Err(Clause::PrimitivesX25519Contributory));
    }

    /// [primitives/x25519-order]: an honest key is a multiple of the base point and passes as it is.
    #[test]
    fn every_honest_key_is_imported(secret in secrets()) {
        let public = *x25519(&secret, &NINE).unwrap().expose();
        prop_assert_eq!(X25519Public::import(public).map(|key| *key.as_bytes()), Ok(public));
    }

    /// [primitives/x25519-canonical], [identity/zero-id], [primitives/x25519-on-curve],
    /// [primitives/x25519-order], each by its own clause; and [primitives/x25519-high-bit] before
    /// all of them.
    #[test]
    fn a_key_is_refused_by_the_first_check_that_it_breaks((key, clause) in faulty_keys()) {
        prop_assert_eq!(X25519Public::import(key), Err(clause));
        let mut high = key;
        high[31] |= 0x80;
        prop_assert_eq!(X25519Public::import(high), Err(Clause::PrimitivesX25519HighBit));
    }

    /// [primitives/x25519-order]: the seven points beside an honest one give the same secret, and
    /// none of them is imported.
    #[test]
    fn no_sibling_of_an_honest_key_is_imported(
        secret in secrets(),
        point in points(),
        torsion in torsion(),
    ) {
        let honest = point.to_montgomery().to_bytes();
        let sibling = (point + torsion).to_montgomery().to_bytes();
        prop_assert_ne!(honest, sibling);
        prop_assert_eq!(x25519(&secret, &honest), x25519(&secret, &sibling));
        prop_assert_eq!(X25519Public::import(sibling), Err(Clause::PrimitivesX25519Order));
    }

    /// [primitives/ed25519-sign], [primitives/ed25519-signature]
    #[test]
    fn what_is_signed_verifies_and_is_signed_the_same_again(
        seed in secrets(),
        message in bytes(300),
    ) {
        let (public, signature) = sign(&seed, &message);
        prop_assert_eq!(sign(&seed, &message), (public, signature));
        prop_assert_eq!(sign(&seed, &[]).0, public);
        prop_assert_eq!(Ed25519Public::import(public).unwrap().verify(&message, &signature), Ok(()));
    }

    /// [primitives/ed25519-signature]
    #[test]
    fn any_changed_bit_of_message_key_or_signature_is_refused(
        seed in secrets(),
        message in prop::collection::vec(any::<u8>(), 1..100),
        flip in flips(),
        which in 0..3,
    ) {
        let (mut public, mut signature) = sign(&seed, &message);
        let mut message = message;
        match which {
            0 => flip.apply(&mut message),
            1 => flip.apply(&mut public),
            _ => flip.apply(&mut signature),
        };
        let key = Ed25519Public::import(public);
        let verdict = key.and_then(|key| key.verify(&message, &signature));
        match which {
            // The changed key may be none at all.
            1 => prop_assert!(verdict.is_err()),
            _ => prop_assert_eq!(verdict, Err(Clause::PrimitivesEd25519Signature)),
        }
    }

    /// [primitives/ed25519-signature]: S + ℓ satisfies the equation as well, and is another text.
    #[test]
    fn a_signature_has_one_s(seed in secrets(), message in bytes(100)) {
        let (public, mut signature) = sign(&seed, &message);
        // ℓ − 1, and one more as carry.
        let mut carry = 1_u16;
        for (byte, addend) in signature[32..].iter_mut().zip((-Scalar::ONE).to_bytes()) {
            carry += u16::from(*byte) + u16::from(addend);
            *byte = carry as u8;
            carry >>= 8;
        }
        let verdict = Ed25519Public::import(public).unwrap().verify(&message, &signature);
        prop_assert_eq!(verdict, Err(Clause::PrimitivesEd25519Signature));
    }

    /// [primitives/ed25519-signature]: the equation without cofactor; with it, an R that has a part
    /// of small order would pass. And no R that is of small order itself, though then both hold.
    #[test]
    fn an_r_with_a_part_of_small_order_is_refused(
        secret in scalars(),
        nonce in scalars(),
        torsion in torsion(),
        message in bytes(100),
    ) {
        let r = ED25519_BASEPOINT_POINT * nonce;
        let verdict = |nonce, r| {
            let (public, signature) = forged(secret, nonce, r, &message);
            Ed25519Public::import(public).unwrap().verify(&message, &signature)
        };
        prop_assert_eq!(verdict(nonce, r), Ok(()));
        let refused = Err(Clause::PrimitivesEd25519Signature);
        prop_assert_eq!(verdict(nonce, r + torsion), refused);
        prop_assert_eq!(verdict(Scalar::ZERO, EIGHT_TORSION[0]), refused);
    }

    /// [primitives/ed25519-key-order]
    #[test]
    fn a_signing_key_with_a_part_of_small_order_is_refused(
        point in points(),
        torsion in prop::sample::select(&EIGHT_TORSION[..]),
    ) {
        let import = |point: EdwardsPoint| Ed25519Public::import(point.compress().to_bytes());
        prop_assert_eq!(import(torsion), Err(Clause::PrimitivesEd25519KeyOrder));
        let verdict = import(point + torsion).map(|_| ());
        let honest = torsion == EIGHT_TORSION[0];
        prop_assert_eq!(verdict, if honest { Ok(()) } else { Err(Clause::PrimitivesEd25519KeyOrder) });
    }

    /// [primitives/ed25519-key-encoding]: a number of p or more is the second text of a smaller one,
    /// and 0 has no sign.
    #[test]
    fn a_signing_key_has_one_encoding(n in 0..19_u8, sign: bool) {
        let mut key = above_p(n);
        key[31] |= u8::from(sign) << 7;
        let refused = Err(Clause::PrimitivesEd25519KeyEncoding);
        prop_assert_eq!(Ed25519Public::import(key), refused);
        // y = 1 and y = −1 are the points with x = 0.
        let mut minus_one = above_p(0);
        minus_one[0] -= 1;
        let mut one = [0; 32];
        one[0] = 1;
        for mut point in [one, minus_one] {
            point[31] |= 0x80;
            prop_assert_eq!(Ed25519Public::import(point), refused);
        }
    }

    /// [primitives/ed25519-key-encoding]: what is imported comes back as the bytes it was.
    #[test]
    fn a_signing_key_that_is_imported_is_its_bytes(bytes: [u8; 32]) {
        match Ed25519Public::import(bytes) {
            Ok(key) => prop_assert_eq!(key.as_bytes(), &bytes),
            Err(clause) => prop_assert!(matches!(
                clause,
                Clause::PrimitivesEd25519KeyEncoding | Clause::PrimitivesEd25519KeyOrder
            )),
        }
    }

    /// [primitives/aead]
    #[test]
    fn what_is_sealed_opens(key in secrets(), nonce: [u8; 24], text in bytes(300)) {
        let mut sealed = text.clone();
        let tag = aead_seal(&key, FreshNonce::from_random(nonce), &mut sealed).unwrap();
        sealed.extend(tag);
        let opened = aead_open(&key, &NonceBytes(nonce), &mut sealed);
        prop_assert_eq!(opened.map(|text| text.to_vec()), Ok(text));
    }

    /// [primitives/aead]: whatever was changed, the refusal is the same, and nothing was written.
    #[test]
    fn any_changed_bit_of_key_nonce_or_sealed_string_is_refused(
        key: [u8; 32],
        nonce: [u8; 24],
        text in bytes(100),
        flip in flips(),
        which in 0..3,
    ) {
        let mut sealed = text;
        let fresh = FreshNonce::from_random(nonce);
        let tag = aead_seal(&Secret::new(key), fresh, &mut sealed).unwrap();
        sealed.extend(tag);
        let (mut key, mut nonce) = (key, nonce);
        match which {
            0 => flip.apply(&mut key),
            1 => flip.apply(&mut nonce),
            _ => flip.apply(&mut sealed),
        };
        let before = sealed.clone();
        let opened = aead_open(&Secret::new(key), &NonceBytes(nonce), &mut sealed);
        prop_assert_eq!(opened, Err(Clause::PrimitivesAead));
        prop_assert_eq!(sealed, before);
    }

    /// [primitives/aead]
    #[test]
    fn what_is_shorter_than_a_tag_is_refused(key in secrets(), nonce: [u8; 24], text in bytes(15)) {
        let mut short = text.clone();
        let opened = aead_open(&key, &NonceBytes(nonce), &mut short);
        prop_assert_eq!(opened, Err(Clause::PrimitivesAead));
        prop_assert_eq!(short, text);
    }

    /// [primitives/context]: exactly the registered strings.
    #[test]
    fn no_other_context_is_known(
        context in prop::sample::select(&Context::ALL[..]),
        place: Index,
        character: char,
        text in "\\PC{0,40}",
    ) {
        let name = context.name();
        prop_assert_eq!(Context::parse(name), Ok(context));
        let place = place.index(name.len() + 1);
        let longer = format!("{}{character}{}", &name[..place], &name[place..]);
        for other in [&longer, &name[..place.min(name.len() - 1)], &name.to_uppercase(), &text] {
            prop_assert_eq!(Context::parse(other), Err(Clause::PrimitivesContext));
        }
    }

    /// [primitives/context]: a key a context, and a longer output begins with the shorter.
    #[test]
    fn each_context_derives_keys_of_its_own(material: [u8; 32], flip in flips(), length in 0..100_usize) {
        let material = Secret::new(material);
        let mut other = *material.expose();
        flip.apply(&mut other);
        let other = Secret::new(other);
        let keys = Context::ALL.map(|context| [&material, &other].map(|m| context.derive_key(m)));
        for (n, key) in keys.as_flattened().iter().enumerate() {
            prop_assert!(!keys.as_flattened()[..n].contains(key));
        }
        let mut long = vec![0; length];
        Context::RouteC2s.derive(material.expose(), &mut long);
        let shorter = length.min(32);
        prop_assert_eq!(&long[..shorter], &keys[0][0].expose()[..shorter]);
    }

    /// [frame/mask]: the first bytes of the stream of ChaCha20 from counter 0.
    #[test]
    fn a_mask_begins_the_stream(key: [u8; 32], nonce: [u8; 24]) {
        let (iv, _) = nonce.split_first_chunk::<12>().unwrap();
        let mut stream = [0; 8];
        ChaCha20::new(&key.into(), iv.into()).apply_keystream(&mut stream);
        prop_assert_eq!(mask(&Secret::new(key), &NonceBytes(nonce)), stream);
    }

    /// [frame/mask]: the first twelve bytes of the nonce, every bit of them and of the key; the
    /// last twelve have no influence.
    #[test]
    fn a_mask_depends_on_key_and_half_the_nonce(key: [u8; 32], nonce: [u8; 24], flip in flips()) {
        let before = mask(&Secret::new(key), &NonceBytes(nonce));
        let mut other = nonce;
        let place = Flip::apply(flip, &mut other);
        prop_assert_eq!(mask(&Secret::new(key), &NonceBytes(other)) == before, place >= 12);
        let mut other = key;
        flip.apply(&mut other);
        prop_assert_ne!(mask(&Secret::new(other), &NonceBytes(nonce)), before);
    }
}
