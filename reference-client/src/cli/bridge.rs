//! `bridge`: JSON lines on stdin and stdout, for another program.

use super::{
    options::Place,
    session::{self, Verdict},
    trouble::Trouble,
};
use crate::{
    contract::{Code, Command, Event, EventLines, Fault},
    pump::Ask,
};
use std::{
    io::{self, BufRead, Write},
    ops::ControlFlow,
    thread,
};
use tokio::sync::mpsc;

/// The longest line: a text of a whole frame, each of its bytes escaped.
const MAX_LINE: usize = 8 << 20;

pub(super) fn run(place: Place) -> Result<(), Trouble> {
    let mut lines = EventLines::default();
    let hear = move |event: Event| write_event(&mut lines, &event);
    let (asks, asked) = session::asks();
    thread::spawn(move || read_commands(&mut io::stdin().lock(), &asks));
    session::run(place, asked, hear, None)
}

/// Events are flushed one by one: somebody waits for each.
fn write_event(lines: &mut EventLines, event: &Event) -> Verdict {
    let mut out = io::stdout().lock();
    let mut buffer = Vec::new();
    let written = lines
        .write(event, &mut buffer)
        .and_then(|()| out.write_all(&buffer))
        .and_then(|()| out.flush());
    match written {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            ControlFlow::Break(Err(Trouble::environment(format!("stdout: {error}; nobody reads"))))
        }
    }
}

/// Sends what the lines say, until they end or the run does.
fn read_commands(input: &mut impl BufRead, asks: &mpsc::Sender<Ask>) {
    while let Some(ask) = read_command(input) {
        if asks.blocking_send(ask).is_err() {
            return;
        }
    }
}

/// The next line's meaning; `None` at the end of the input, which ends the bridge.
fn read_command(input: &mut impl BufRead) -> Option<Ask> {
    loop {
        let mut line = Vec::new();
        let ended = read_line(input, &mut line);
        if line.is_empty() && ended {
            return None;
        }
        if line.len() > MAX_LINE {
            let detail = format!("a line has at most {MAX_LINE} bytes");
            return Some(Ask::Malformed(Fault::new(Code::BadCommand, None, detail)));
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        return Some(Command::parse(&line).map_or_else(Ask::Malformed, Ask::Command));
    }
}

/// Reads up to a newline, and keeps no more than one byte over the limit; whether the input ended.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> bool {
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return true,
        };
        if chunk.is_empty() {
            return true;
        }
        let newline = chunk.iter().position(|byte| *byte == b'\n');
        let taken = newline.unwrap_or(chunk.len());
        let room = (MAX_LINE + 1).saturating_sub(line.len());
        line.extend_from_slice(chunk.get(..taken.min(room)).unwrap_or_default());
        input.consume(taken + usize::from(newline.is_some()));
        if newline.is_some() {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Read};

    #[test]
    fn a_line_without_end_is_read_away_and_not_kept() {
        let long = io::repeat(b'x').take(2 * MAX_LINE as u64);
        let mut input = BufReader::new(long.chain(&b"\n{\"cmd\":\"quit\"}"[..]));
        let mut line = Vec::new();
        assert!(!read_line(&mut input, &mut line));
        assert_eq!(line.len(), MAX_LINE + 1);
        let quit = read_command(&mut input);
        assert!(matches!(quit, Some(Ask::Command(Command::Quit { .. }))), "its newline is missing");
        assert!(read_command(&mut input).is_none());
    }

    #[test]
    fn empty_lines_are_nothing() {
        assert!(read_command(&mut &b"\n \r\n\t\n"[..]).is_none());
        assert!(matches!(read_command(&mut &b"\n\xff\n"[..]), Some(Ask::Malformed(_))));
    }
}
