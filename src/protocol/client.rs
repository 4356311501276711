//! The trainer's end of the protocol.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use super::{Event, Reply, SOCKET_VARIABLE};

/// Why a trainer could not speak to its harness.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The variable names a socket that nobody listens on.
    #[error("cannot connect to the harness at {path} ({SOCKET_VARIABLE}): {source}")]
    Connect {
        /// The socket's path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The connection broke: the harness is gone.
    #[error("lost the connection to the harness: {0}")]
    Lost(#[from] std::io::Error),
    /// The harness answered something that is not a reply.
    #[error("the harness answered {line:?}, expected a reply such as {{\"go\":true}}: {source}")]
    Reply {
        /// What it answered.
        line: String,
        /// Why that is not a reply.
        source: serde_json::Error,
    },
}

/// A connection to the harness.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<UnixStream>,
}

impl Client {
    /// Connects to the harness that [`SOCKET_VARIABLE`] names; `None` when no harness is watching.
    pub fn from_environment() -> Result<Option<Self>, ClientError> {
        let Some(path) = env::var_os(SOCKET_VARIABLE).map(PathBuf::from) else {
            return Ok(None);
        };
        match UnixStream::connect(&path) {
            Ok(stream) => Ok(Some(Self { stream: BufReader::new(stream) })),
            Err(source) => Err(ClientError::Connect { path, source }),
        }
    }

    /// Says one event and waits for the harness to answer. The harness may kill this process instead.
    pub fn say(&mut self, event: &Event) -> Result<Reply, ClientError> {
        let mut line = serde_json::to_vec(event).map_err(std::io::Error::from)?;
        line.push(b'\n');
        self.stream.get_mut().write_all(&line)?;
        let mut answer = String::new();
        if self.stream.read_line(&mut answer)? == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        serde_json::from_str(&answer).map_err(|source| ClientError::Reply { line: answer, source })
    }
}
