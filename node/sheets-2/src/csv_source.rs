//! The cells of a text file: UTF-8 or UTF-16, with or without byte order mark, or GB18030.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::csv_records::Records;
use crate::table::RawRow;

const BLOCK_BYTES: usize = 64 * 1024;
/// Lines that say which delimiter a file has: titles before the headings may have none.
const DELIMITER_LINES: usize = 10;

/// A file of which encoding and delimiter are known.
#[derive(Debug, Clone)]
pub(crate) struct CsvSource {
    path: PathBuf,
    encoding: &'static Encoding,
    delimiter: char,
}

impl CsvSource {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let encoding = detect(path)?;
        let mut source = Self { path: path.to_owned(), encoding, delimiter: ',' };
        source.delimiter = source.detect_delimiter()?;
        Ok(source)
    }

    fn text(&self) -> io::Result<BufReader<Decoding>> {
        let input = BufReader::with_capacity(BLOCK_BYTES, File::open(&self.path)?);
        let decoder = self.encoding.new_decoder_with_bom_removal();
        let (text, position) = (Vec::new(), 0);
        let decoding =
            Decoding { input, decoder, text, position, after_return: false, done: false };
        Ok(BufReader::new(decoding))
    }

    fn detect_delimiter(&self) -> io::Result<char> {
        let mut counts = [(0, ','), (0, '\t'), (0, ';')];
        let lines = self.text()?.take(BLOCK_BYTES as u64).lines().take(DELIMITER_LINES);
        for line in lines {
            // The block may end within a character.
            let Ok(line) = line else { break };
            for (count, delimiter) in &mut counts {
                *count += line.matches(*delimiter).count();
            }
        }
        let most = counts.into_iter().reduce(|a, b| if b.0 > a.0 { b } else { a });
        Ok(most.expect("three delimiters").1)
    }

    /// Every row, until `each` breaks. Numbers count as a spreadsheet shows the file.
    pub(crate) fn rows(&self, mut each: impl FnMut(RawRow) -> ControlFlow<()>) -> io::Result<()> {
        let mut records = Records::new(self.text()?, self.delimiter);
        while let Some(row) = records.next()? {
            if each(row).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// A byte order mark decides; else zeros show UTF-16; else text that is UTF-8 but for a few
/// broken bytes is UTF-8. Text in GB18030 breaks its rules at nearly every character.
fn detect(path: &Path) -> io::Result<&'static Encoding> {
    let mut input = BufReader::with_capacity(BLOCK_BYTES, File::open(path)?);
    let first = input.fill_buf()?;
    if let Some((encoding, _)) = Encoding::for_bom(first) {
        return Ok(encoding);
    }
    let zeros = |from: usize| first.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let utf8 =
        std::str::from_utf8(first).map_or_else(|error| error.error_len().is_none(), |_| true);
    // A single zero may stand in any file that a database wrote.
    match (zeros(0), zeros(1)) {
        (even, odd) if utf8 || (even + odd) * 50 < first.len() => {}
        (even, odd) if even > odd => return Ok(UTF_16BE),
        _ => return Ok(UTF_16LE),
    }
    let mut decoder = UTF_8.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(BLOCK_BYTES * 3 + 16);
    let (mut characters, mut broken) = (0, 0);
    loop {
        let block = input.fill_buf()?;
        let (length, last) = (block.len(), block.is_empty());
        let mut rest = block;
        loop {
            text.clear();
            let (result, read) =
                decoder.decode_to_string_without_replacement(rest, &mut text, last);
            characters += text.chars().filter(|c| !c.is_ascii()).count();
            rest = &rest[read..];
            if !matches!(result, DecoderResult::Malformed(..)) {
                break;
            }
            broken += 1;
        }
        if last {
            return Ok(if broken * 20 > characters { GB18030 } else { UTF_8 });
        }
        input.consume(length);
    }
}

/// UTF-8 read from a file in another encoding, a block at a time. Lines end in `\n` alone,
/// whichever of the three ways they end in the file.
struct Decoding {
    input: BufReader<File>,
    decoder: Decoder,
    text: Vec<u8>,
    position: usize,
    after_return: bool,
    done: bool,
}

impl Decoding {
    fn end_lines_alike(&mut self) {
        let mut after_return = self.after_return;
        self.text.retain_mut(|byte| {
            let second = after_return && *byte == b'\n';
            after_return = *byte == b'\r';
            if after_return {
                *byte = b'\n';
            }
            !second
        });
        self.after_return = after_return;
    }
}

impl Read for Decoding {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.position == self.text.len() && !self.done {
            let block = self.input.fill_buf()?;
            let (available, last) = (block.len(), block.is_empty());
            let room = self.decoder.max_utf8_buffer_length(available).unwrap_or(BLOCK_BYTES * 4);
            self.text.resize(room.max(16), 0);
            let (_, read, written, _) = self.decoder.decode_to_utf8(block, &mut self.text, last);
            self.text.truncate(written);
            self.end_lines_alike();
            self.position = 0;
            self.done = last;
            self.input.consume(read);
        }
        let length = buffer.len().min(self.text.len() - self.position);
        buffer[..length].copy_from_slice(&self.text[self.position..self.position + length]);
        self.position += length;
        Ok(length)
    }
}
