//! How streamed answers are cut into frames: server-sent events, lines of JSON, and AWS's event stream. Pure: bytes in, frames out.

use super::error::Fault;
use super::wire::Frame;

/// Which framing a vendor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `text/event-stream` of the HTML standard.
    ServerSentEvents,
    /// One JSON text a line.
    Lines,
    /// `application/vnd.amazon.eventstream`.
    EventStream,
}

/// A frame longer than this is no frame.
const LONGEST_FRAME: usize = 16 << 20;

/// Cuts bytes into frames, however they come.
#[derive(Debug)]
pub(crate) struct Framer {
    framing: Framing,
    bytes: Vec<u8>,
    /// What stands before this place has been searched for a line's end.
    searched: usize,
    event: String,
    data: Option<Vec<u8>>,
}

impl Framer {
    pub(crate) fn new(framing: Framing) -> Framer {
        Framer {
            framing,
            bytes: Vec::new(),
            searched: 0,
            event: String::new(),
            data: None,
        }
    }

    /// Takes bytes in and adds the frames that are complete. Those before a fault are whole and stand.
    pub(crate) fn push(&mut self, bytes: &[u8], frames: &mut Vec<Frame>) -> Result<(), Fault> {
        self.bytes.extend_from_slice(bytes);
        match self.framing {
            Framing::EventStream => {
                let mut taken = 0;
                while let Some((frame, length)) = event_stream_message(&self.bytes[taken..])? {
                    frames.push(frame);
                    taken += length;
                }
                self.bytes.drain(..taken);
            }
            Framing::ServerSentEvents | Framing::Lines => self.lines(frames),
        }
        if self.bytes.len() > LONGEST_FRAME
            || self
                .data
                .as_ref()
                .is_some_and(|data| data.len() > LONGEST_FRAME)
        {
            return Err(Fault::protocol("a frame without end"));
        }
        Ok(())
    }

    /// The end of the bytes: a last line may lack its end.
    pub(crate) fn end(&mut self, frames: &mut Vec<Frame>) -> Result<(), Fault> {
        match self.framing {
            Framing::EventStream if !self.bytes.is_empty() => Err(Fault::cut_off()),
            Framing::EventStream => Ok(()),
            // An event without its empty line is discarded, as the standard wants it.
            Framing::ServerSentEvents => Ok(()),
            Framing::Lines => self.push(b"\n", frames),
        }
    }

    fn lines(&mut self, frames: &mut Vec<Frame>) {
        let mut begin = 0;
        while let Some(found) = self.bytes[self.searched.max(begin)..]
            .iter()
            .position(|byte| *byte == b'\n')
        {
            let end = self.searched.max(begin) + found;
            let line = self.bytes[begin..end].to_vec();
            let line = line.strip_suffix(b"\r").unwrap_or(&line);
            match self.framing {
                Framing::Lines if line.iter().all(u8::is_ascii_whitespace) => {}
                Framing::Lines => frames.push(Frame {
                    event: String::new(),
                    data: line.to_vec(),
                }),
                _ => self.field(line, frames),
            }
            begin = end + 1;
            self.searched = begin;
        }
        self.bytes.drain(..begin);
        self.searched = self.bytes.len();
    }

    /// One line of server-sent events. Ids and reconnection times mean nothing to a POST.
    fn field(&mut self, line: &[u8], frames: &mut Vec<Frame>) {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if let Some(data) = self.data.take() {
                frames.push(Frame { event, data });
            }
            return;
        }
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let colon = line
            .iter()
            .position(|byte| *byte == b':')
            .unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"event" => self.event = String::from_utf8_lossy(value).into_owned(),
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            _ => {}
        }
    }
}

/// One message of AWS's event stream, if it is there whole, and its length: twelve bytes of prelude (the message's length, the headers'
/// length, their checksum), headers, payload, the checksum of it all. Checksums are CRC-32 as in gzip.
fn event_stream_message(bytes: &[u8]) -> Result<Option<(Frame, usize)>, Fault> {
    let Some(prelude) = bytes.get(..12) else {
        return Ok(None);
    };
    let number = |at: usize| {
        prelude[at..at + 4]
            .iter()
            .fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte))
    };
    let (total, headers) = (number(0) as usize, number(4) as usize);
    if crc32fast::hash(&prelude[..8]) != number(8) {
        return Err(Fault::protocol("a prelude's checksum is wrong"));
    }
    if total > LONGEST_FRAME || headers.saturating_add(16) > total {
        return Err(Fault::protocol("a message's lengths are wrong"));
    }
    let Some(message) = bytes.get(..total) else {
        return Ok(None);
    };
    let (body, checksum) = message.split_at(total - 4);
    if crc32fast::hash(body).to_be_bytes() != checksum {
        return Err(Fault::protocol("a message's checksum is wrong"));
    }
    let (headers, payload) = body[12..].split_at(headers);
    let mut event = String::new();
    let mut rest = headers;
    let (mut kind, mut name, mut exception) = (String::new(), String::new(), String::new());
    while !rest.is_empty() {
        let (key, value) = header(&mut rest)?;
        match key.as_str() {
            ":message-type" => kind = value,
            ":event-type" => name = value,
            ":exception-type" | ":error-code" => exception = value,
            _ => {}
        }
    }
    if kind == "exception" || kind == "error" {
        event.push('!');
        event.push_str(&exception);
    } else {
        event.push_str(&name);
    }
    Ok(Some((
        Frame {
            event,
            data: payload.to_vec(),
        },
        total,
    )))
}

/// The next header. Values that are no strings are passed over: no header that matters here is anything else.
fn header(rest: &mut &[u8]) -> Result<(String, String), Fault> {
    let mut take = |count: usize| -> Result<&[u8], Fault> {
        let (taken, after) = rest
            .split_at_checked(count)
            .ok_or_else(|| Fault::protocol("a header is cut off"))?;
        *rest = after;
        Ok(taken)
    };
    let length = usize::from(take(1)?[0]);
    let name = String::from_utf8_lossy(take(length)?).into_owned();
    let value = match take(1)?[0] {
        0 | 1 => &[],
        2 => take(1)?,
        3 => take(2)?,
        4 => take(4)?,
        5 | 8 => take(8)?,
        kind @ (6 | 7) => {
            let length = take(2)?;
            let length = usize::from(length[0]) << 8 | usize::from(length[1]);
            let value = take(length)?;
            if kind == 7 {
                return Ok((name, String::from_utf8_lossy(value).into_owned()));
            }
            value
        }
        9 => take(16)?,
        _ => return Err(Fault::protocol("a header of an unknown type")),
    };
    let _ = value;
    Ok((name, String::new()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(framing: Framing, bytes: &[u8], size: usize) -> Result<Vec<Frame>, Fault> {
        let (mut framer, mut frames) = (Framer::new(framing), Vec::new());
        for chunk in bytes.chunks(size.max(1)) {
            framer.push(chunk, &mut frames)?;
        }
        framer.end(&mut frames)?;
        Ok(frames)
    }

    /// The figures of aws-c-event-stream's published test vectors (Apache-2.0): an empty message, and one with a header and a payload.
    const EMPTY: [u8; 16] = [
        0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff,
    ];

    #[test]
    fn an_empty_message_of_awss_vectors_is_a_frame() {
        let frames = cut(Framing::EventStream, &EMPTY, 3).unwrap();
        assert_eq!(frames.len(), 1);
        assert!(frames[0].data.is_empty() && frames[0].event.is_empty());
    }

    #[test]
    fn any_bit_that_flips_is_noticed() {
        for bit in 0..EMPTY.len() * 8 {
            let mut bytes = EMPTY;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(cut(Framing::EventStream, &bytes, 16).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn events_are_cut_as_the_standard_says() {
        let text = b"\xef\xbb\xbf: comment\r\nevent: a\r\ndata: one\r\ndata:two\r\n\r\nid: 7\nretry: 5\ndata\n\nevent: lost\n\ndata: cut off";
        let frames = cut(Framing::ServerSentEvents, text, 1).unwrap();
        let frame = |event: &str, data: &str| Frame {
            event: event.into(),
            data: data.into(),
        };
        assert_eq!(frames, [frame("a", "one\ntwo"), frame("", "")]);
    }

    proptest! {
        #[test]
        fn how_bytes_are_cut_changes_nothing(text in "(data: [a-z{}]{0,9}\n|event: [a-z]{1,3}\n|\n|: c\n){0,20}", size in 1_usize..40) {
            for framing in [Framing::ServerSentEvents, Framing::Lines] {
                prop_assert_eq!(cut(framing, text.as_bytes(), size).unwrap(), cut(framing, text.as_bytes(), 10_000).unwrap());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), size in 1_usize..40) {
            for framing in [Framing::ServerSentEvents, Framing::Lines, Framing::EventStream] {
                let _ = cut(framing, &bytes, size);
            }
        }
    }
}
