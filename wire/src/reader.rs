//! Reading and writing without a panic: a cursor that takes fixed pieces, and one that puts them.

use crate::BufferTooSmall;

/// Takes pieces off the front of a slice.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next `N` bytes, or `None` and the reader unmoved.
    pub(crate) fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (head, tail) = self.0.split_first_chunk()?;
        self.0 = tail;
        Some(head)
    }

    /// The next byte, or `None`.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| *byte)
    }

    /// Everything that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }
}

/// Puts pieces at the front of a buffer.
pub(crate) struct Writer<'a> {
    free: &'a mut [u8],
    written: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(buffer: &'a mut [u8]) -> Self {
        Self { free: buffer, written: 0 }
    }

    /// Copies `piece`, or says how long the buffer would have to be for it.
    pub(crate) fn put(&mut self, piece: &[u8]) -> Result<(), BufferTooSmall> {
        let needed = self.written.saturating_add(piece.len());
        let free = core::mem::take(&mut self.free);
        let (head, tail) =
            free.split_at_mut_checked(piece.len()).ok_or(BufferTooSmall { needed })?;
        head.copy_from_slice(piece);
        self.free = tail;
        self.written = needed;
        Ok(())
    }

    pub(crate) fn written(&self) -> usize {
        self.written
    }
}
