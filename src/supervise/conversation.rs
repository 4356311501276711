//! The harness's end of the protocol: hears one trainer, checks the order of what it says.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::protocol::{Event, MAX_LINE_BYTES, Reply, VERSION};

use super::fault::Fault;

/// How long a read waits before it lets the caller look around.
const PATIENCE: Duration = Duration::from_millis(20);

/// What a look at the socket brought.
#[derive(Debug)]
pub enum Heard {
    /// An event.
    Event(Event),
    /// Nothing yet.
    Nothing,
    /// The trainer closed the connection.
    End,
}

/// A connection to one trainer.
#[derive(Debug)]
pub struct Conversation {
    stream: UnixStream,
    buffer: Vec<u8>,
    searched: usize,
    said: Said,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Hello,
    Started,
    Finished,
}

impl Conversation {
    /// Takes over an accepted connection.
    pub fn new(stream: UnixStream) -> std::io::Result<Self> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: Vec::new(), searched: 0, said: Said::Nothing })
    }

    /// The next event, if it comes within a moment.
    pub fn hear(&mut self) -> Result<Heard, Fault> {
        let mut chunk = [0; 64 << 10];
        match self.stream.read(&mut chunk) {
            Ok(0) => Ok(Heard::End),
            Ok(n) => {
                self.buffer.extend_from_slice(&chunk[..n]);
                match self.take_line()? {
                    Some(line) => self.event(&line).map(Heard::Event),
                    None => Ok(Heard::Nothing),
                }
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {
                    Ok(Heard::Nothing)
                }
                _ => Ok(Heard::End),
            },
        }
    }

    /// The event in a line, if its sender is waiting for the answer.
    fn event(&mut self, line: &[u8]) -> Result<Event, Fault> {
        let event = self.parse(line)?;
        if !self.buffer.is_empty() {
            return Err(Fault::Impatient { event: event.name() });
        }
        Ok(event)
    }

    /// Lets the trainer go on. A trainer that is gone does not hear it; the next `hear` will tell.
    pub fn answer(&mut self, reply: Reply) {
        let mut line = serde_json::to_vec(&reply).expect("a reply always serialises");
        line.push(b'\n');
        let _ = self.stream.write_all(&line);
    }

    fn take_line(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        match self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') {
            Some(at) => {
                let rest = self.buffer.split_off(self.searched + at + 1);
                self.searched = 0;
                Ok(Some(std::mem::replace(&mut self.buffer, rest)))
            }
            None if self.buffer.len() > MAX_LINE_BYTES => {
                Err(Fault::LongLine { limit: MAX_LINE_BYTES })
            }
            None => {
                self.searched = self.buffer.len();
                Ok(None)
            }
        }
    }

    fn parse(&mut self, line: &[u8]) -> Result<Event, Fault> {
        // A newer protocol may have a `hello` that we cannot read: look at its version first.
        let value: serde_json::Value =
            serde_json::from_slice(line).map_err(|error| garbage(line, &error))?;
        if value["event"] == "hello"
            && let Some(version) = value["protocol"].as_u64()
            && version != u64::from(VERSION)
        {
            return Err(Fault::NewerProtocol { version });
        }
        let event = serde_json::from_value(value).map_err(|error| garbage(line, &error))?;
        self.check_order(&event)?;
        Ok(event)
    }

    fn check_order(&mut self, event: &Event) -> Result<(), Fault> {
        let out_of_order =
            |expected| Err(Fault::OutOfOrder { event: event.name().to_owned(), expected });
        self.said = match (self.said, event) {
            (Said::Nothing, Event::Hello(_)) => Said::Hello,
            (Said::Nothing, _) => return out_of_order("hello"),
            (Said::Hello, Event::Started(_)) => Said::Started,
            (Said::Hello, _) => return out_of_order("started"),
            (Said::Started, Event::Finished(_)) => Said::Finished,
            (Said::Started, Event::Hello(_) | Event::Started(_)) => {
                return out_of_order("step, validation, epoch, checkpoint, finished");
            }
            (Said::Started, _) => Said::Started,
            (Said::Finished, _) => return out_of_order("-"),
        };
        Ok(())
    }
}

fn garbage(line: &[u8], error: &serde_json::Error) -> Fault {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end();
    let mut shown: String = text.chars().take(80).flat_map(char::escape_default).collect();
    if text.chars().count() > 80 {
        shown.push('…');
    }
    Fault::Garbage { line: shown, why: error.to_string() }
}
