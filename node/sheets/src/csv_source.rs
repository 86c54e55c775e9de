//! The cells of a `.csv` file in UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};

use crate::table::RawRow;

const BLOCK_BYTES: usize = 64 * 1024;

/// A file of which encoding and delimiter are known.
#[derive(Debug, Clone)]
pub(crate) struct CsvSource {
    path: PathBuf,
    encoding: &'static Encoding,
    delimiter: u8,
}

impl CsvSource {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let encoding = detect(path)?;
        let mut source = Self { path: path.to_owned(), encoding, delimiter: b',' };
        source.delimiter = source.detect_delimiter()?;
        Ok(source)
    }

    fn text(&self) -> io::Result<Decoding> {
        let input = BufReader::with_capacity(BLOCK_BYTES, File::open(&self.path)?);
        let decoder = self.encoding.new_decoder_with_bom_removal();
        Ok(Decoding { input, decoder, text: Vec::new(), position: 0, done: false })
    }

    fn detect_delimiter(&self) -> io::Result<u8> {
        let mut line = String::new();
        BufReader::new(self.text()?).take(BLOCK_BYTES as u64).read_line(&mut line)?;
        let count = |c: char| line.matches(c).count();
        let delimiters = [(count(','), b','), (count('\t'), b'\t'), (count(';'), b';')];
        let most = delimiters.into_iter().reduce(|a, b| if b.0 > a.0 { b } else { a });
        Ok(most.expect("three delimiters").1)
    }

    /// Every row, until `each` breaks. Numbers count as a spreadsheet shows the file.
    pub(crate) fn rows(&self, mut each: impl FnMut(RawRow) -> ControlFlow<()>) -> io::Result<()> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(self.text()?);
        let mut record = csv::StringRecord::new();
        // Line breaks inside quoted cells make more lines than rows.
        let mut breaks = 0;
        loop {
            let more = reader.read_record(&mut record).map_err(io::Error::other)?;
            if !more {
                return Ok(());
            }
            // The reader stands behind the record's line break; blank lines were skipped before it.
            let inside = record.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
            let line = reader.position().line() - 1 - inside;
            let number = u32::try_from(line - breaks).unwrap_or(u32::MAX);
            breaks += inside;
            let cells = record.iter().map(str::to_owned).collect();
            if each(RawRow { number, cells }).is_break() {
                return Ok(());
            }
        }
    }
}

/// A byte order mark decides; else text that is valid UTF-8 to its end is UTF-8.
fn detect(path: &Path) -> io::Result<&'static Encoding> {
    let mut input = BufReader::with_capacity(BLOCK_BYTES, File::open(path)?);
    if let Some((encoding, _)) = Encoding::for_bom(input.fill_buf()?) {
        return Ok(encoding);
    }
    let mut decoder = UTF_8.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(BLOCK_BYTES * 3 + 16);
    loop {
        let block = input.fill_buf()?;
        let (read, last) = (block.len(), block.is_empty());
        text.clear();
        let (result, _) = decoder.decode_to_string_without_replacement(block, &mut text, last);
        if matches!(result, DecoderResult::Malformed(..)) {
            return Ok(GB18030);
        }
        if last {
            return Ok(UTF_8);
        }
        input.consume(read);
    }
}

/// UTF-8 read from a file in another encoding, a block at a time. Lines end in `\n` alone, the
/// last one too, so that row numbers can be told from the reader's line.
struct Decoding {
    input: BufReader<File>,
    decoder: Decoder,
    text: Vec<u8>,
    position: usize,
    done: bool,
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
            self.text.retain(|byte| *byte != b'\r');
            if last {
                self.text.push(b'\n');
            }
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
