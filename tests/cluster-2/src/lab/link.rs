//! A link between two local networks: a relay of bytes whose weather can be changed.

use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::Result;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Pieces under way in one direction: a long fat link.
const UNDER_WAY_MAX: usize = 256;
const PIECE_BYTES_MAX: usize = 16 * 1024;

/// How a link behaves, both ways unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weather {
    pub latency_ms: u64,
    /// Up to so much is added to the latency, differently for each piece.
    pub jitter_ms: u64,
    /// Of a million pieces, how many lose a bit.
    pub corrupt_ppm: u64,
    /// Of a million pieces, at how many the connection breaks.
    pub break_ppm: u64,
    /// Connections are refused, and those there are broken: a loud cut.
    pub cut: bool,
    /// Nothing is passed on from the dialler; nobody is told.
    pub silent_out: bool,
    /// Nothing is passed on to the dialler; nobody is told.
    pub silent_in: bool,
}

impl Weather {
    /// A link of a good day.
    pub const FAIR: Self = Self {
        latency_ms: 0,
        jitter_ms: 0,
        corrupt_ppm: 0,
        break_ppm: 0,
        cut: false,
        silent_out: false,
        silent_in: false,
    };
    /// Broken, and both ends know it.
    pub const CUT: Self = Self { cut: true, ..Self::FAIR };
    /// Broken, and neither end knows it.
    pub const SILENT: Self = Self { silent_out: true, silent_in: true, ..Self::FAIR };
}

/// A relay that listens on one network and connects on another.
#[derive(Debug)]
pub struct Link {
    listens: SocketAddr,
    weather: watch::Sender<Weather>,
    /// Connections broken, pieces corrupted.
    pub broken: Arc<AtomicU64>,
    pub corrupted: Arc<AtomicU64>,
}

struct Relay {
    weather: watch::Receiver<Weather>,
    chance: Arc<Mutex<ChaCha8Rng>>,
    broken: Arc<AtomicU64>,
    corrupted: Arc<AtomicU64>,
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().expect("threads for the links")
    })
}

impl Link {
    /// Listens on `gateway` and relays to `target`.
    pub fn open(gateway: Ipv4Addr, target: SocketAddr, seed: u64) -> Result<Arc<Self>> {
        let listener = StdListener::bind((gateway, 0))?;
        listener.set_nonblocking(true)?;
        let listens = listener.local_addr()?;
        let (weather, seen) = watch::channel(Weather::FAIR);
        let (broken, corrupted) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let relay = Arc::new(Relay {
            weather: seen,
            chance: Arc::new(Mutex::new(ChaCha8Rng::seed_from_u64(seed))),
            broken: broken.clone(),
            corrupted: corrupted.clone(),
        });
        let _entered = runtime().enter();
        let listener = TcpListener::from_std(listener)?;
        runtime().spawn(relay.serve(listener, target));
        Ok(Arc::new(Self { listens, weather, broken, corrupted }))
    }

    /// Where to dial it.
    pub fn listens(&self) -> SocketAddr {
        self.listens
    }

    /// Changes how it behaves, for what is under way too.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Relay {
    async fn serve(self: Arc<Self>, listener: TcpListener, target: SocketAddr) {
        let mut weather = self.weather.clone();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let Ok((stream, _)) = accepted else { continue };
                    if !self.weather().cut {
                        tokio::spawn(self.clone().connect(stream, target));
                    }
                }
                // The link itself is gone.
                gone = weather.changed() => if gone.is_err() { return },
            }
        }
    }

    fn weather(&self) -> Weather {
        *self.weather.borrow()
    }

    fn chance(&self) -> MutexGuard<'_, ChaCha8Rng> {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn happens(&self, per_million: u64) -> bool {
        per_million > 0 && self.chance().next_u64() % 1_000_000 < per_million
    }

    async fn connect(self: Arc<Self>, dialler: TcpStream, target: SocketAddr) {
        let Ok(listener) = TcpStream::connect(target).await else { return };
        for stream in [&dialler, &listener] {
            let _ = stream.set_nodelay(true);
        }
        let (from_dialler, to_dialler) = dialler.into_split();
        let (from_listener, to_listener) = listener.into_split();
        let mut weather = self.weather.clone();
        tokio::select! {
            () = self.pass(from_dialler, to_listener, |weather| weather.silent_out) => {}
            () = self.pass(from_listener, to_dialler, |weather| weather.silent_in) => {}
            _ = weather.wait_for(|weather| weather.cut) => {}
        }
        self.broken.fetch_add(1, Ordering::Relaxed);
    }

    /// Passes bytes on in order, each piece when it is due.
    async fn pass(
        &self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        silent: fn(&Weather) -> bool,
    ) {
        let (sender, mut due) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY_MAX);
        let reading = async move {
            loop {
                let mut piece = vec![0; PIECE_BYTES_MAX];
                let Ok(read) = from.read(&mut piece).await else { return };
                piece.truncate(read);
                let weather = self.weather();
                if read == 0 || self.happens(weather.break_ppm) {
                    return;
                }
                if self.happens(weather.corrupt_ppm) {
                    let bit = self.chance().next_u64() as usize % (read * 8);
                    piece[bit / 8] ^= 1 << (bit % 8);
                    self.corrupted.fetch_add(1, Ordering::Relaxed);
                }
                let wait = weather.latency_ms + self.chance().next_u64() % (weather.jitter_ms + 1);
                let at = Instant::now() + Duration::from_millis(wait);
                if sender.send((at, piece)).await.is_err() {
                    return;
                }
            }
        };
        let mut weather = self.weather.clone();
        let writing = async move {
            while let Some((at, piece)) = due.recv().await {
                tokio::time::sleep_until(at).await;
                // Silence holds bytes back; TCP would send them again once it ends.
                if weather.wait_for(|weather| !silent(weather)).await.is_err()
                    || to.write_all(&piece).await.is_err()
                {
                    return;
                }
            }
        };
        // What was read is still passed on when there is no more to read.
        let read_out = async {
            reading.await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = writing => {}
            () = read_out => {}
        }
    }
}
