//! The mask of RFC 6455, many bytes at a time.

use super::KEY;

/// Bytes that are masked at once: what the compiler turns into a few wide instructions.
const BLOCK: usize = 64;

/// The key, repeated to a block.
fn block(key: [u8; KEY]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block.chunks_exact_mut(KEY).for_each(|chunk| chunk.copy_from_slice(&key));
    block
}

/// Masks or unmasks where the bytes stand.
pub(crate) fn apply(bytes: &mut [u8], key: [u8; KEY]) {
    let key = block(key);
    for chunk in bytes.chunks_mut(BLOCK) {
        chunk.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    }
}

/// Unmasks `length` bytes from `from` and puts them at `to`, which is not behind it: the pass over
/// the bytes that unmasking is moves them as well.
pub(crate) fn unmask_down(bytes: &mut [u8], from: usize, to: usize, length: usize, key: [u8; KEY]) {
    let key = block(key);
    let mut done = 0;
    while length - done >= BLOCK {
        let mut moved = [0; BLOCK];
        moved.copy_from_slice(&bytes[from + done..from + done + BLOCK]);
        moved.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        bytes[to + done..to + done + BLOCK].copy_from_slice(&moved);
        done += BLOCK;
    }
    for (at, key) in (done..length).zip(key) {
        bytes[to + at] = bytes[from + at] ^ key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slowly(bytes: &[u8], key: [u8; KEY]) -> Vec<u8> {
        bytes.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
    }

    #[test]
    fn blocks_are_masked_as_bytes_are() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        for length in [0, 1, 3, 4, 63, 64, 65, 127, 128, 1_000] {
            let bytes: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            let mut masked = bytes.clone();
            apply(&mut masked, key);
            assert_eq!(masked, slowly(&bytes, key), "{length}");
        }
    }

    #[test]
    fn bytes_move_down_over_themselves_and_nothing_else_moves() {
        let key = [1, 2, 3, 4];
        for (down, length) in [(0, 200), (4, 0), (4, 1), (4, 63), (4, 64), (4, 1_000), (70, 333)] {
            let before: Vec<u8> = (0..2_000_usize).map(|byte| (byte % 251) as u8).collect();
            let mut after = before.clone();
            unmask_down(&mut after, 100, 100 - down, length, key);
            let moved = slowly(&before[100..100 + length], key);
            assert_eq!(after[100 - down..100 - down + length], moved, "{down} {length}");
            assert_eq!(after[..100 - down], before[..100 - down], "{down} {length}");
            assert_eq!(after[100 + length..], before[100 + length..], "{down} {length}");
        }
    }
}
