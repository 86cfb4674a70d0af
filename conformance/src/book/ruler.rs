//! The annotated examples: bytes of a vector, field by field, with a ruler.
//!
//! ```text
//! 79a631…  #  0..32  X25519 public key      a field begins: its bytes are 0 to 31
//! 416c69…                                   the field above goes on until it is whole
//! e2909f   # U+241F, the separator          a remark without a range: a field of this line
//! ```

use askama::Template;

/// Bytes of a line of the ruler.
const LINE: usize = 16;
/// Bytes that stand together.
const GROUP: usize = 4;

/// A block of the specification that begins with `bytes VECTOR MEMBER`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Example<'a> {
    /// The vector.
    pub(crate) vector: &'a str,
    /// The member of it that these bytes are, dotted.
    pub(crate) member: &'a str,
    fields: Vec<Field>,
}

/// Bytes with one meaning.
#[derive(Debug, PartialEq, Eq)]
struct Field {
    start: usize,
    end: usize,
    bytes: Vec<u8>,
    meaning: String,
}

impl Field {
    fn is_whole(&self) -> bool {
        self.start + self.bytes.len() == self.end
    }

    /// As the texts write it: `8..32`, or `2` for a single byte.
    fn range(&self) -> String {
        match self.bytes.len() {
            1 => self.start.to_string(),
            _ => format!("{}..{}", self.start, self.end),
        }
    }

    /// Its lines: the offset of the first byte, and the bytes in groups.
    fn lines(&self) -> impl Iterator<Item = (usize, Vec<&[u8]>)> {
        let lines = self.bytes.chunks(LINE).enumerate();
        lines.map(|(at, line)| (self.start + at * LINE, line.chunks(GROUP).collect()))
    }
}

impl<'a> Example<'a> {
    /// Reads a block by its info string and its lines; `None` if it is no example, or one whose
    /// ranges are not those of its bytes.
    pub(crate) fn read(info: &'a str, block: &str) -> Option<Self> {
        let (vector, member) = info.strip_prefix("bytes ")?.trim().split_once(' ')?;
        let mut fields: Vec<Field> = Vec::new();
        let mut at = 0;
        for line in block.lines() {
            let (digits, remark) = line.split_once('#').unwrap_or((line, ""));
            let bytes = hex::decode(digits.trim()).ok().filter(|bytes| !bytes.is_empty())?;
            let next = at + bytes.len();
            match (range(remark), fields.last_mut()) {
                (Some((start, end, meaning)), open) => {
                    (start == at && open.is_none_or(|field| field.is_whole())).then_some(())?;
                    fields.push(Field { start, end, bytes, meaning: said(meaning) });
                }
                (None, Some(open)) if !open.is_whole() => {
                    open.bytes.extend(bytes);
                    open.meaning = said(&format!("{} {remark}", open.meaning));
                }
                _ => fields.push(Field { start: at, end: next, bytes, meaning: said(remark) }),
            }
            at = next;
        }
        for field in &mut fields {
            // A comma at the end joins a remark to the next line of the block.
            field.meaning = field.meaning.trim_end_matches(',').to_owned();
        }
        let sound = !fields.is_empty() && fields.iter().all(Field::is_whole);
        sound.then_some(Self { vector, member, fields })
    }

    /// All of its bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.fields.iter().flat_map(|field| &field.bytes).copied().collect()
    }

    /// The clause that the vector exercises.
    fn clause(&self) -> &str {
        self.vector.rsplit_once('-').map_or(self.vector, |(clause, _)| clause)
    }

    /// The table of its fields.
    pub(super) fn html(&self) -> Result<String, askama::Error> {
        Table { example: self, hex: hex::encode(self.bytes()) }.render()
    }
}

#[derive(Template)]
#[template(path = "spec/ruler.html")]
struct Table<'a> {
    example: &'a Example<'a>,
    hex: String,
}

/// The range at the start of a remark, `8..32` or `2`, and what stands behind it.
fn range(remark: &str) -> Option<(usize, usize, &str)> {
    let (word, meaning) = remark.trim().split_once(' ')?;
    let (start, end) = match word.split_once("..") {
        Some((start, end)) => (start.parse().ok()?, end.parse().ok()?),
        None => (word.parse().ok()?, word.parse::<usize>().ok()?.checked_add(1)?),
    };
    Some((start, end, meaning))
}

/// A remark, its words one space apart.
fn said(remark: &str) -> String {
    remark.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "bytes frame/mask-0001 expect.ok.mask";

    fn fields(block: &str) -> Vec<(String, String)> {
        let example = Example::read(INFO, block).expect("an example");
        example.fields.iter().map(|field| (field.range(), field.meaning.clone())).collect()
    }

    #[test]
    fn a_field_runs_over_lines_until_it_is_whole() {
        let block = "0102  #  0..2   id,\n03    #  2      command\n04    #  3..6   a kind,\n\
                     0506  #          a size\n";
        let expected = [("0..2", "id"), ("2", "command"), ("3..6", "a kind, a size")];
        assert_eq!(fields(block), expected.map(|(range, said)| (range.into(), said.into())));
        let example = Example::read(INFO, block).unwrap();
        assert_eq!((example.vector, example.member), ("frame/mask-0001", "expect.ok.mask"));
        assert_eq!(example.bytes(), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_remark_without_a_range_is_about_its_line() {
        let block = "0102  # S, bytes 0..2\n03\n";
        assert_eq!(fields(block), [("0..2", "S, bytes 0..2"), ("2", "")].map(owned));
    }

    fn owned((range, said): (&str, &str)) -> (String, String) {
        (range.to_owned(), said.to_owned())
    }

    #[test]
    fn ranges_that_are_not_those_of_the_bytes_are_no_example() {
        for block in [
            "0102  # 0..3  short\n",
            "0102  # 0..1  long\n",
            "01    # 1..2  late\n",
            "01    # 0..2  open\n02    # 1..2  overlap\n",
            "0     # 0     half a byte\n",
            "zz\n",
            "",
        ] {
            assert_eq!(Example::read(INFO, block), None, "{block}");
        }
        assert_eq!(Example::read("text", "00\n"), None);
    }
}
