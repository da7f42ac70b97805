//! Streams of JSON lines: a request a line in, an answer a line out, in the same order. A line that cannot be read gets an error of
//! its own; the others get their answers.

mod id;
mod queue;

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::num::NonZero;
use std::sync::{Arc, mpsc};

use serde::Deserialize;
use serde_json::{Value, json};

use super::transform::Job;
use super::{Exit, Problem};
use crate::boost::Refused;
use crate::runtime::BoosterError;
use crate::task::{syntax_words, unreadable};
use crate::wit::SourceFile;
use queue::Queue;

/// The longest line that is read, in bytes, where sources may have so many: the longest source, every byte of it escaped as `\u0000`, with room
/// for the rest of the request; for tasks and small sources 16 MiB.
fn longest_line(max_input: usize) -> usize {
    const ESCAPED: usize = 6;
    const REST: usize = 4 << 20;
    const LEAST: usize = 16 << 20;
    max_input
        .saturating_mul(ESCAPED)
        .saturating_add(REST)
        .max(LEAST)
}

/// A line as it came: its place among the requests, its number as editors count, and its text or why there is none.
pub(super) struct Line {
    index: usize,
    number: usize,
    text: Result<String, Unreadable>,
}

/// A line that is no text.
struct Unreadable {
    id: Value,
    /// The id as it was written.
    exact_id: Option<String>,
    words: String,
}

impl Unreadable {
    fn new(bytes: &[u8], words: String) -> Unreadable {
        Unreadable {
            id: id::of(bytes),
            exact_id: id::exact(bytes).map(str::to_owned),
            words,
        }
    }
}

impl Line {
    /// The answer to a line that cannot be understood. `id` is told where it could be read.
    pub(super) fn error(&self, id: Value, words: &str) -> Value {
        json!({ "id": id, "line": self.number, "error": words })
    }

    /// An answer that can be told from others: without an id it carries the line's number.
    pub(super) fn told_apart(&self, mut answer: Value) -> Value {
        if answer["id"].is_null() && answer.get("line").is_none() {
            answer["line"] = self.number.into();
        }
        answer
    }

    /// The id as it was written, where its value is told otherwise: numbers are rounded to what 64 bits hold.
    fn exact_id(&self, told: &Value) -> Option<String> {
        if told.is_string() || told.is_boolean() {
            return None;
        }
        let exact = match &self.text {
            Ok(text) => id::exact(text.as_bytes()),
            Err(none) => none.exact_id.as_deref(),
        }?;
        // A number that no parser holds is the fault of its line, and tells it from others all the same.
        if told.is_null() {
            let is_too_large = serde_json::from_str::<Value>(exact).is_err();
            return (is_too_large && id::is_number(exact)).then(|| exact.to_owned());
        }
        // Of two ids the last one counts, and is told as it was understood.
        let is_meant = serde_json::from_str::<Value>(exact).is_ok_and(|value| value == *told);
        let as_value = told.to_string();
        (is_meant && exact != as_value && !exact.contains('\r')).then(|| exact.to_owned())
    }

    /// The line as JSON and its id, or the answer that says why not.
    pub(super) fn parse(&self) -> Result<(Value, Value), Value> {
        let text = self
            .text
            .as_ref()
            .map_err(|none| self.error(none.id.clone(), &none.words))?;
        let value: Value = serde_json::from_str(text).map_err(|e| {
            self.error(
                id::of(text.as_bytes()),
                &format!(
                    "this line {}",
                    unreadable(&syntax_words(&e), &format!("column {}", e.column()))
                ),
            )
        })?;
        let id = value.get("id").cloned().unwrap_or(Value::Null);
        Ok((id, value))
    }
}

/// Answers every line of standard input on standard output, on all cores, in the order of the lines, each as soon as it and those before
/// it are there. An output that cannot be written ends it at once, whatever the input still brings. A source text may have `max_input` bytes.
pub(super) fn answer(
    max_input: usize,
    work: impl Fn(&Line) -> Value + Sync,
) -> Result<bool, Problem> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let lines = Arc::new(Queue::new(threads * 4));
    // A thread that waits for input cannot be woken, so this one is never waited for unless the input has ended.
    let reader = std::thread::Builder::new()
        .name("tinydancer-lines".into())
        .spawn({
            let lines = Arc::clone(&lines);
            move || {
                let read = read_lines(std::io::stdin().lock(), longest_line(max_input), &lines);
                lines.end();
                read
            }
        })
        .map_err(Problem::system("the input cannot be read"))?;
    // Bounded: where answers are taken slowly, the workers wait instead of heaping them up.
    let (answer_sender, answers) = mpsc::sync_channel::<(usize, Answer)>(threads * 4);
    let all_well = std::thread::scope(|scope| {
        for _ in 0..threads {
            let (lines, work, answer_sender) = (&lines, &work, answer_sender.clone());
            scope.spawn(move || {
                while let Some(line) = lines.pop() {
                    let fields = work(&line);
                    let answer = Answer {
                        exact_id: line.exact_id(&fields["id"]),
                        fields,
                    };
                    if answer_sender.send((line.index, answer)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(answer_sender);
        let written = write_in_order(answers, std::io::stdout());
        if written.is_err() {
            lines.give_up();
        }
        written
    })
    .map_err(Problem::io("the output cannot be written"))?;
    // All answers are written, so the reader has ended the queue.
    if let Ok(read) = reader.join() {
        read.map_err(Problem::unreadable_stdin)?;
    }
    Ok(all_well)
}

/// An answer, and how its id has to be written where not as its value.
struct Answer {
    exact_id: Option<String>,
    fields: Value,
}

impl Answer {
    fn write(&self, output: &mut impl Write) -> std::io::Result<()> {
        let (Some(id), Some(fields)) = (&self.exact_id, self.fields.as_object()) else {
            return Ok(serde_json::to_writer(output, &self.fields)?);
        };
        write!(output, "{{\"id\":{id}")?;
        for (key, value) in fields.iter().filter(|(key, _)| *key != "id") {
            write!(output, ",{}:", Value::from(key.as_str()))?;
            serde_json::to_writer(&mut *output, value)?;
        }
        output.write_all(b"}")
    }
}

fn write_in_order(
    answers: mpsc::Receiver<(usize, Answer)>,
    output: impl Write,
) -> std::io::Result<bool> {
    let mut output = std::io::BufWriter::new(output);
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    let mut all_well = true;
    for (index, answer) in answers {
        waiting.insert(index, answer);
        while let Some(answer) = waiting.remove(&next) {
            all_well &= answer.fields.get("error").is_none();
            answer.write(&mut output)?;
            output.write_all(b"\n")?;
            next += 1;
        }
        // Whoever waits for this answer before asking again must get it now.
        if waiting.is_empty() {
            output.flush()?;
        }
    }
    output.flush()?;
    Ok(all_well)
}

/// Sends the lines on. Empty ones are no requests.
fn read_lines(mut input: impl BufRead, longest: usize, lines: &Queue<Line>) -> std::io::Result<()> {
    let mut index = 0;
    for number in 1.. {
        let mut bytes = Vec::new();
        let mut taken = std::io::Read::take(&mut input, longest as u64 + 1);
        if taken.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(());
        }
        let too_long = bytes.len() > longest;
        if too_long && bytes.last() != Some(&b'\n') {
            skip_line(&mut input)?;
        }
        while bytes
            .last()
            .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
        {
            bytes.pop();
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let text = if too_long {
            Err(Unreadable::new(
                &bytes,
                format!("this line is longer than {longest} bytes: send the text in parts"),
            ))
        } else {
            String::from_utf8(bytes).map_err(|e| {
                let words = format!(
                    "this line is not UTF-8 (at byte {}): convert it",
                    e.utf8_error().valid_up_to()
                );
                Unreadable::new(e.as_bytes(), words)
            })
        };
        let line = Line {
            index,
            number,
            text,
        };
        if !lines.push(line) {
            break;
        }
        index += 1;
    }
    Ok(())
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let chunk = input.fill_buf()?;
        let (used, ended) = match chunk.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (chunk.len(), chunk.is_empty()),
        };
        input.consume(used);
        if ended {
            return Ok(());
        }
    }
}

/// Every key that a request for a transform may have.
const KEYS: [&str; 7] = [
    "id",
    "code",
    "transform",
    "module",
    "path",
    "assumptions",
    "withdrawn",
];

/// A request for a transform, or for several at once.
#[derive(Deserialize)]
struct Request {
    code: String,
    transform: Option<Names>,
    module: Option<bool>,
    #[serde(default)]
    path: String,
    #[serde(default)]
    assumptions: Vec<String>,
    #[serde(default)]
    withdrawn: Vec<String>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`transform` is a name or a list of names, such as \"var-to-const\""
)]
enum Names {
    One(String),
    Several(Vec<String>),
}

/// `transform --jsonl`.
pub(super) fn transform(job: &Job) -> Result<Exit, Problem> {
    let all_well = answer(job.runtime().config().max_input, |line| {
        let (id, value) = match line.parse() {
            Ok(parsed) => parsed,
            Err(answer) => return answer,
        };
        let notes = unknown_keys(&value);
        let mut answer = line.told_apart(transform_one(job, line, id, value));
        // Whoever misspelt a key asked for something else than was done.
        if !notes.is_empty() {
            answer["notes"] = notes.into();
        }
        answer
    })?;
    Ok(if all_well { Exit::Done } else { Exit::Failed })
}

fn unknown_keys(request: &Value) -> Vec<String> {
    let keys = request.as_object().into_iter().flatten();
    keys.filter(|(key, _)| !KEYS.contains(&key.as_str()))
        .map(|(key, _)| format!("no request has a field `{key}`: it was ignored"))
        .collect()
}

/// Every answer carries the code, changed or not, so that a caller may use it without looking further. A site that was left alone is
/// no error: that is what could not be read.
fn transform_one(job: &Job, line: &Line, id: Value, value: Value) -> Value {
    let mut request: Request = match serde_json::from_value(value) {
        Ok(request) => request,
        Err(e) => {
            return line.error(
                id,
                &format!("this is no request {{\"id\",\"code\",\"transform\"}}: {e}"),
            );
        }
    };
    let names = match request.transform.take() {
        Some(Names::One(name)) => vec![name],
        Some(Names::Several(names)) => names,
        None => job.names().to_vec(),
    };
    if names.is_empty() {
        return line.error(
            id,
            "the request names no `transform`: `tinydancer transform --list` shows them",
        );
    }
    let options = job.options(&request.path, &request.assumptions, &request.withdrawn);
    let file = SourceFile {
        path: request.path,
        text: request.code,
        module: request.module,
        dialect: None,
    };
    match job.transform(&file, &names, &options) {
        Ok(done) => json!({
            "id": id,
            "code": done.text,
            "changed": done.sites_changed > 0,
            "sitesChanged": done.sites_changed,
            "confidence": done.confidence,
            "refused": Refused::sites(&file.text, done.sites_refused),
        }),
        Err(e) => {
            let fault = match &e {
                BoosterError::Fault(fault) => Some(fault.code()),
                _ => None,
            };
            let mut answer = json!({ "id": id, "code": file.text, "changed": false, "refused": [], "error": e.to_string() });
            if let Some(fault) = fault {
                answer["fault"] = fault.into();
            }
            answer
        }
    }
}
