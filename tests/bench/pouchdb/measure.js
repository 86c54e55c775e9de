// PouchDB at the work of the benchmark: node measure.js WORKLOAD DOCUMENTS CHANGES RUNS
// Both databases are in memory and in this process: no HTTP, no signatures, no sync to disk.
// Prints one line of JSON: the runs without the warm-up, and the peak memory of this process.
'use strict';

const PouchDB = require('pouchdb-core');
PouchDB.plugin(require('pouchdb-adapter-memory'));
PouchDB.plugin(require('pouchdb-replication'));

const [workload, documents, changes, runs] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const TEXT_BYTES = 187;
let names = 0;

const open = () => new PouchDB(`db${names++}`, { adapter: 'memory' });
const id = (number) => `b${number}`;

// Text of the same length as everybody's.
function text(number, version) {
  let seed = number * 7919 + version * 104729 + 1;
  let letters = '';
  while (letters.length < TEXT_BYTES) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    letters += seed.toString(16).padStart(8, '0');
  }
  return letters.slice(0, TEXT_BYTES);
}

// Documents of two revisions each.
async function fill(db) {
  for (let from = 0; from < documents; from += 1000) {
    const numbers = [...Array(Math.min(1000, documents - from)).keys()].map((n) => from + n);
    const first = await db.bulkDocs(numbers.map((n) => ({ _id: id(n), name: text(n, 0) })));
    await db.bulkDocs(numbers.map((n, at) => (
      { _id: id(n), _rev: first[at].rev, name: text(n, 0), note: text(n, 1) })));
  }
}

async function touch(db, version) {
  const numbers = [...Array(changes).keys()].map((n) => Math.floor(n * documents / changes));
  const now = await db.allDocs({ keys: numbers.map(id), include_docs: true });
  await db.bulkDocs(now.rows.map((row, n) => ({ ...row.doc, note: text(numbers[n], version) })));
}

async function timed(work) {
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const done = await work();
  const wall_ms = Number(process.hrtime.bigint() - start) / 1e6;
  const used = process.cpuUsage(cpu);
  return { wall_ms, cpu_ms: (used.user + used.system) / 1000, done };
}

// A checkpoint is a document under _local/ on both sides.
async function forgetCheckpoints(news) {
  const fresh = open();
  await PouchDB.replicate(news, fresh, { batch_size: 1000 });
  return fresh;
}

async function replicate(from, to, expected) {
  const result = await PouchDB.replicate(from, to, { batch_size: 1000 });
  if (!result.ok || result.docs_written !== expected) {
    throw new Error(`${result.docs_written} documents written, not ${expected}`);
  }
}

async function reconnect(lost) {
  const samples = [];
  const left = open();
  await fill(left);
  let right = open();
  await replicate(left, right, documents);
  for (let run = 0; run <= runs; run++) {
    let news = left;
    if (lost) {
      // The same documents in a database of another name: it has no checkpoint with the other.
      news = await forgetCheckpoints(left);
    }
    await touch(news, run + 2);
    samples.push(await timed(() => replicate(news, right, changes)));
    if (lost) {
      await PouchDB.replicate(news, left, { batch_size: 1000 });
      await news.destroy();
    }
  }
  return samples;
}

async function cold() {
  const samples = [];
  const left = open();
  await fill(left);
  for (let run = 0; run <= runs; run++) {
    const right = open();
    const sample = await timed(() => replicate(left, right, documents));
    // It moves the last revision and the names of those before, not their content.
    samples.push({ ...sample, done: documents });
    await right.destroy();
  }
  return samples;
}

async function main() {
  const work = { W1: () => reconnect(false), W4: () => reconnect(true), W2: cold }[workload];
  const samples = (await work()).slice(1).map(({ done, ...rest }) => (
    typeof done === 'number' ? { ...rest, done } : rest));
  const peak_mib = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ samples, peak_mib }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
