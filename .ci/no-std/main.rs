//! A handshake and one command, without std, allocator or C library: what does not link here needs
//! one of them.
#![no_std]
#![no_main]

use core::{
    arch::{asm, naked_asm},
    panic::PanicInfo,
};
use sealwire::{
    handshake::{AwaitHello, HELLO, Hello, Reply, hello},
    identity::Identity,
    primitives::{FreshNonce, Secret},
    relay::{FromRelay, ToRelay},
};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(101)
}

/// The entry of the process, where the stack is aligned for a call and not by one.
#[unsafe(no_mangle)]
#[unsafe(naked)]
extern "C" fn _start() -> ! {
    naked_asm!("call {}", sym start)
}

extern "C" fn start() -> ! {
    exit(if handshake().is_some() { 0 } else { 1 })
}

fn nonce(byte: u8) -> FreshNonce {
    FreshNonce::from_random([byte; 24])
}

fn handshake() -> Option<()> {
    let seed = |byte| Secret::new([byte; 32]);
    let client = Identity::from_seeds(&seed(1), &seed(2)).ok()?;
    let relay = Identity::from_seeds(&seed(3), &seed(4)).ok()?;
    let mut message = [0; HELLO];
    let await_reply = hello(&mut message, &client, relay.public(), nonce(1)).ok()?;
    let Ok(Hello::Admitted(admitted)) = AwaitHello::new(&relay).receive(&mut message) else {
        return None;
    };
    let link = admitted.into_link();
    let mut frame = [0; 256];
    let length = link.seal_event(&mut frame, &relay, nonce(2), &FromRelay::HandshakeOk).ok()?;
    let Ok(Reply::Session(session)) = await_reply.receive(frame.get_mut(..length)?) else {
        return None;
    };
    let command = ToRelay::Wake { target: client.public().id(), kind: None };
    let length = session.seal_command(&mut frame, &client, nonce(3), &command).ok()?;
    let inner = link.open_command(frame.get_mut(..length)?).ok()?;
    (ToRelay::parse(inner.command, inner.body) == Ok(command)).then_some(())
}

fn exit(code: i32) -> ! {
    // SAFETY: the system call `exit` takes one number and does not return.
    unsafe { asm!("syscall", in("rax") 60, in("rdi") code, options(noreturn)) }
}

// The compiler calls these by name; a loop over volatile bytes cannot turn into a call to itself.

#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    for n in 0..count {
        // SAFETY: the caller vouches for `count` bytes at both places.
        unsafe { to.add(n).write_volatile(from.add(n).read()) };
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    if (to.cast_const()) <= from {
        // SAFETY: as the caller's; forwards is right for a destination in front.
        return unsafe { memcpy(to, from, count) };
    }
    for n in (0..count).rev() {
        // SAFETY: the caller vouches for `count` bytes at both places.
        unsafe { to.add(n).write_volatile(from.add(n).read()) };
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
    for n in 0..count {
        // SAFETY: the caller vouches for `count` bytes.
        unsafe { to.add(n).write_volatile(byte as u8) };
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
    for n in 0..count {
        // SAFETY: the caller vouches for `count` bytes at both places.
        let (a, b) = unsafe { (a.add(n).read_volatile(), b.add(n).read_volatile()) };
        if a != b {
            return i32::from(a) - i32::from(b);
        }
    }
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
    // SAFETY: as the caller's.
    unsafe { memcmp(a, b, count) }
}
