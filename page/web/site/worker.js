// The reader, in a thread of its own: it loads what the page's folder holds, and answers.
import { Reader } from './reader.js';

const here = (name) => new URL(name, import.meta.url).href;
let reader, stopped = 0;

async function fetched(name) {
  const response = await fetch(here(name));
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
  return response;
}

// The bytes of files, one after the other; told: called with how many came.
async function bytes(names, size, told) {
  const all = new Uint8Array(size);
  let at = 0;
  for (const name of names) {
    const stream = (await fetched(name)).body.getReader();
    for (;;) {
      const { done, value } = await stream.read();
      if (done) break;
      if (at + value.length > size) throw new Error(`${name}: more than ${size} bytes`);
      all.set(value, at);
      told((at += value.length));
    }
  }
  if (at !== size) throw new Error(`${names.at(-1)}: ${at} of ${size} bytes`);
  return all;
}

async function load() {
  const about = await (await fetched('reader.json')).json();
  const { runtime, graph } = about, total = runtime.bytes + graph.bytes;
  const told = (before) => (count) => postMessage({ kind: 'loading', done: before + count, total });
  told(0)(0);
  const ort = await import(here(runtime.script));
  ort.env.wasm.wasmBinary = (await bytes([runtime.wasm], runtime.bytes, told(0))).buffer;
  ort.env.wasm.numThreads = 1; // more would need headers that static hosts don't send
  const session = await ort.InferenceSession.create(
    await bytes(graph.parts, graph.bytes, told(runtime.bytes)),
    { executionProviders: ['wasm'], graphOptimizationLevel: 'basic' }, // as Python runs it
  );
  const tensor = (values) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
  const forward = async (ids, types) => {
    const inputs = { input_ids: ids, attention_mask: ids.map(() => 1), token_type_ids: types };
    const fed = Object.fromEntries(session.inputNames.map((name) => [name, tensor(inputs[name])]));
    const { start_logits: start, end_logits: end } = await session.run(fed);
    return { start: start.data, end: end.data };
  };
  reader = new Reader(about, forward);
  postMessage({ kind: 'ready', about: { calibration: about.calibration } });
}

const breathe = () => new Promise((resolve) => setTimeout(resolve)); // for messages to come in

async function answer({ number, question, text }) {
  const told = async (done, total) => {
    await breathe();
    if (number <= stopped) throw new Error('stopped');
    postMessage({ kind: 'read', number, done, total });
  };
  postMessage({ kind: 'answer', number, answer: await reader.answer(question, text, told) });
}

let turn = Promise.resolve();

onmessage = ({ data }) => {
  if (data.kind === 'stop') stopped = data.number; // this request and all before it
  else turn = turn.then(() => answer(data)).catch((error) => {
    postMessage({ kind: 'broken', number: data.number, reason: error.message });
  });
};

load().catch((error) => postMessage({ kind: 'failed', reason: error.message }));
