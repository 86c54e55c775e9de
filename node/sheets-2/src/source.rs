//! A file as rows of text, whichever way it keeps them.

use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::content::{self, Content};
use crate::csv_source::CsvSource;
use crate::error::OpenSheetError;
use crate::said::Words;
use crate::table::{RawRow, Tab};
use crate::xls::{XlsFault, XlsSource};
use crate::xlsx::XlsxSource;

/// An opened file.
pub(crate) struct Source {
    reader: Reader,
    pub(crate) tabs: Vec<Tab>,
}

enum Reader {
    Csv(CsvSource),
    Xls(Box<XlsSource>),
    Xlsx(Box<XlsxSource>),
}

impl Source {
    /// Opens a file as what it is. The one sheet of a text file is called by the file's stem.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenSheetError> {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let open = || match content::of(path)? {
            Ok(content) => Self::read(path, content),
            Err(what) => Ok(Err(what)),
        };
        guarded(open)
            .map_err(|error| unreadable(&file, error))?
            .map_err(|what| OpenSheetError::OtherContent { file, what })
    }

    fn read(path: &Path, content: Content) -> io::Result<Result<Self, Words>> {
        Ok(Ok(match content {
            Content::Text => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let tabs = vec![Tab { name, hidden: false, cells: true }];
                Self { reader: Reader::Csv(CsvSource::open(path)?), tabs }
            }
            Content::Xlsx => {
                let source = XlsxSource::open(path)?;
                let tabs = source.tabs().to_vec();
                Self { reader: Reader::Xlsx(Box::new(source)), tabs }
            }
            Content::Xls => match XlsSource::open(path) {
                Ok(source) => {
                    let tabs = source.tabs().to_vec();
                    Self { reader: Reader::Xls(Box::new(source)), tabs }
                }
                Err(XlsFault::Locked) => return Ok(Err(content::LOCKED)),
                Err(XlsFault::Io(error)) => return Err(error),
            },
        }))
    }

    /// Every row of a tab that has something in it, until `each` breaks.
    pub(crate) fn rows(
        &mut self,
        tab: usize,
        each: impl FnMut(RawRow) -> ControlFlow<()>,
    ) -> io::Result<()> {
        guarded(|| match &mut self.reader {
            Reader::Csv(source) => source.rows(each),
            Reader::Xls(source) => source.rows(tab, each),
            Reader::Xlsx(source) => source.rows(tab, each),
        })
    }
}

/// A file made to break the parser of a foreign format is a broken file, not a crash.
fn guarded<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(io::Error::new(ErrorKind::InvalidData, "parser failed")))
}

/// What the file system refuses is told apart from what a file gets wrong.
pub(crate) fn unreadable(file: &str, source: io::Error) -> OpenSheetError {
    let file = file.to_owned();
    match source.kind() {
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
            OpenSheetError::Broken { file, detail: source.to_string() }
        }
        _ => OpenSheetError::Io { file, source },
    }
}
