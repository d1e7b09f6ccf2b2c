'use strict';
const $ = id => document.getElementById(id);
const safe = encodeURIComponent;
const later = (milliseconds) => new Promise(done => setTimeout(done, milliseconds));

// An element with properties and children; text becomes text nodes, never markup.
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter(child => child != null));
  return element;
}
function set(element, text) { if (element.textContent !== text) element.textContent = text; }
const joined = (...parts) => parts.filter(Boolean).join(' · ');
function show(element, visible) { element.hidden = !visible; }

// Brings a list of elements up to date and keeps those whose key stays, with their focus.
function list(parent, items, key, create) {
  const old = new Map([...parent.children].map(child => [child.key, child]));
  items.forEach((item, index) => {
    let child = old.get(key(item));
    if (!child) { child = create(item); child.key = key(item); }
    old.delete(child.key);
    child.update(item);
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
  for (const child of old.values()) child.remove();
}
// A row of a list: a name, buttons, a state, facts and a message.
function entry(name, ...buttons) {
  const parts = { name: make('span', { className: 'name', textContent: name }), state: make('span'), facts: make('p', { className: 'small' }), message: make('p') };
  const line = make('div', { className: 'line' }, parts.name, ...buttons, parts.state);
  return { ...parts, row: make('li', { className: 'row' }, line, parts.facts, parts.message) };
}
function tell(element, text, tone) { set(element, text ?? ''); element.className = `small ${tone}`; }

// MARK: numbers

const integers = new Intl.NumberFormat('en');
const count = value => integers.format(value ?? 0);
function number(value) {
  if (typeof value !== 'number' || !isFinite(value)) return '–';
  const size = Math.abs(value);
  const short = Number(value.toPrecision(3));
  if (size === 0 || (size >= 1e-4 && size < 1e6)) return String(short);
  const [digits, power] = short.toExponential().split('e');
  return `${digits} × 10${[...power].map(sign => '⁰¹²³⁴⁵⁶⁷⁸⁹'[sign] ?? (sign === '-' ? '⁻' : '')).join('')}`;
}
const percent = value => `${Number((100 * value).toPrecision(2))} %`;
function duration(seconds) {
  const whole = Math.round(seconds), two = value => String(value).padStart(2, '0');
  if (!isFinite(whole)) return '–';
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor(whole / 3600) % 24} h`;
}

// MARK: requests

let token = '';
function keepToken(value) {
  token = value;
  try { sessionStorage.setItem('odu-token', value); } catch { /* where pages may store nothing, it is asked for again */ }
}
try { token = sessionStorage.getItem('odu-token') ?? ''; } catch { /* the same */ }
class Refusal extends Error {
  constructor(status, message) { super(message); this.status = status; }
}
async function request(path, options = {}) {
  const headers = new Headers(options.headers);
  if (token) headers.set('Authorization', `Bearer ${token}`);
  const response = await fetch(path, { ...options, headers, cache: 'no-store' });
  if (response.ok) return response;
  const reason = (await response.json().catch(() => null))?.error;
  throw new Refusal(response.status, reason?.message ?? `the daemon answered ${response.status}`);
}
const json = async path => (await request(path)).json();
const send = (path, body) => request(path, {
  method: 'POST', headers: body ? { 'Content-Type': 'application/json' } : {}, body: body && JSON.stringify(body) });

// The events of a stream, until it ends or is silent for half a minute; heartbeats come more often than that.
async function* serverEvents(path, signal) {
  const silence = new AbortController();
  const response = await request(path, { signal: AbortSignal.any([signal, silence.signal]) });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '', timer;
  try {
    for (;;) {
      timer = setTimeout(() => silence.abort(), 30_000);
      const { value, done } = await reader.read();
      clearTimeout(timer);
      if (done) return;
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const field = name => block.split('\n').filter(line => line.startsWith(`${name}:`))
          .map(line => line.slice(name.length + 1).trimStart()).join('\n');
        if (field('data')) yield { type: field('event') || 'message', data: JSON.parse(field('data')) };
      }
    }
  } finally { clearTimeout(timer); reader.cancel().catch(() => {}); }
}

// Runs one at a time, and once more when it was asked for meanwhile.
function oneAtATime(work) {
  let running = false, again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) { again = false; await work().catch(() => {}); }
    running = false;
  };
}

// MARK: pictures

// The values of a `.npy` file, and the height and width of its planes.
function parseArray(buffer) {
  const view = new DataView(buffer), wide = view.getUint8(6) > 1;
  const start = wide ? 12 : 10, length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder('latin1').decode(new Uint8Array(buffer, start, length));
  const Values = { '<u2': Uint16Array, '|u1': Uint8Array, '<f4': Float32Array, '<f8': Float64Array }[/'descr': *'([^']+)'/.exec(header)?.[1]];
  const shape = (/'shape': *\(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').filter(part => part.trim()).map(Number);
  if (!Values || shape.length < 2) throw new Error('this is no picture');
  const [height, width] = shape.slice(-2);
  return { values: new Values(buffer.slice(start + length)), height, width };
}
function largest(values) {
  let result = 0;
  for (const value of values) if (value > result) result = value;
  return result;
}
// 256 colours through the given ones, as the words of an ImageData.
function palette(...stops) {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const place = index / 255 * (stops.length - 1), low = Math.min(Math.floor(place), stops.length - 2);
    const [red, green, blue] = [0, 1, 2].map(part => Math.round(stops[low][part] + (place - low) * (stops[low + 1][part] - stops[low][part])));
    return (255 << 24 | blue << 16 | green << 8 | red) >>> 0;
  });
}
const grey = palette([0, 0, 0], [255, 255, 255]);
const heat = palette([0, 0, 4], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]);
const signed = palette([108, 182, 255], [38, 98, 190], [14, 17, 24], [190, 88, 20], [255, 186, 92]);
const clippedColour = 0xff2c2cff;

// Draws values from `low` to `high`, those of `ceiling` and above in red. Of large pictures every point shows the
// brightest of its block, so that no clipped pixel is lost.
function paint(canvas, { values, width, height }, { low, high, colours, ceiling = Infinity }) {
  const block = Math.max(1, Math.ceil(Math.max(width, height) / 1024));
  const columns = Math.ceil(width / block), rows = Math.ceil(height / block);
  if (canvas.width !== columns || canvas.height !== rows) { canvas.width = columns; canvas.height = rows; }
  const image = new ImageData(columns, rows), points = new Uint32Array(image.data.buffer);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    let value = values[row * block * width + column * block];
    if (block > 1) {
      for (let y = row * block; y < Math.min(height, (row + 1) * block); y++)
        for (let x = column * block; x < Math.min(width, (column + 1) * block); x++) value = Math.max(value, values[y * width + x]);
    }
    points[row * columns + column] = value >= ceiling ? clippedColour : colours[Math.max(0, Math.min(255, (value - low) * scale)) | 0];
  }
  canvas.getContext('2d').putImageData(image, 0, 0);
  reveal(canvas);
}
async function paintPicture(canvas, blob) {
  const picture = await createImageBitmap(blob);
  if (canvas.width !== picture.width || canvas.height !== picture.height) { canvas.width = picture.width; canvas.height = picture.height; }
  canvas.getContext('2d').drawImage(picture, 0, 0);
  reveal(canvas);
}
function reveal(canvas) {
  canvas.classList.toggle('sharp', canvas.width < 1.5 * canvas.clientWidth);
  const empty = canvas.parentElement.querySelector('.empty');
  if (empty) empty.hidden = true;
}

// MARK: charts

// A canvas as large as its box, in units of CSS pixels.
function surface(canvas) {
  const ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const c = canvas.getContext('2d'), style = getComputedStyle(document.documentElement);
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, width, height);
  c.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  return { c, width, height, colour: name => style.getPropertyValue(`--${name}`) };
}
function ticks(low, high, wanted) {
  const rough = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find(factor => factor * power >= rough) * power, result = [];
  for (let value = Math.ceil(low / step); value * step <= high * (1 + 1e-9); value++) result.push(value * step);
  return result;
}
function logarithmicTicks(low, high) {
  const first = Math.floor(Math.log10(low)), powers = Array.from({ length: Math.ceil(Math.log10(high)) - first }, (_, index) => 10 ** (first + index));
  return powers.flatMap(power => (high / low > 100 ? [1] : [1, 2, 5]).map(factor => factor * power)).filter(value => value >= low && value <= high);
}
// Lines over time; a new phase of a job begins a new line.
function drawLines(canvas, series, seconds) {
  const { c, width, height, colour } = surface(canvas), all = series.flatMap(line => line.points);
  if (!all.length || width < 60 || height < 40) return;
  const xs = all.map(point => point.x), ys = all.map(point => point.y);
  let right = Math.max(...xs), left = Math.max(Math.min(...xs), right - (seconds ?? Infinity)), low = Math.min(...ys), high = Math.max(...ys);
  right = Math.max(right, left + 1);
  const logarithmic = low > 0 && high / low > 8, scaled = logarithmic ? Math.log : value => value;
  const margin = logarithmic ? 1.15 : (high - low) * .08 || Math.abs(high) * .1 || 1;
  [low, high] = logarithmic ? [low / margin, high * margin] : [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
  const box = { left: 48, right: width - 6, top: 5, bottom: height - 17 };
  const x = value => box.left + (value - left) / (right - left) * (box.right - box.left);
  const y = value => box.bottom - (scaled(value) - scaled(low)) / (scaled(high) - scaled(low)) * (box.bottom - box.top);
  c.strokeStyle = colour('line'); c.fillStyle = colour('quiet'); c.lineWidth = 1;
  c.textAlign = 'right'; c.textBaseline = 'middle';
  for (const value of logarithmic ? logarithmicTicks(low, high) : ticks(low, high, Math.max(2, height / 34))) {
    c.strokeRect(box.left, Math.round(y(value)) + .5, box.right - box.left, 0);
    c.fillText(number(value), box.left - 6, y(value));
  }
  c.textBaseline = 'alphabetic'; c.textAlign = 'left';
  const ago = value => seconds ? (right - value < 1 ? 'now' : `${duration(right - value)} ago`) : duration(value);
  c.fillText(ago(left), box.left, height - 3);
  c.textAlign = 'right'; c.fillText(ago(right), box.right, height - 3);
  c.save(); c.beginPath(); c.rect(box.left, 0, width - box.left, height); c.clip();
  c.lineWidth = 1.75; c.lineJoin = 'round';
  for (const line of series) {
    c.strokeStyle = c.fillStyle = colour(line.colour);
    c.beginPath();
    let before = null;
    for (const point of line.points) {
      before && before.phase === point.phase ? c.lineTo(x(point.x), y(point.y)) : c.moveTo(x(point.x), y(point.y));
      before = point;
    }
    c.stroke();
    if (before) { c.beginPath(); c.arc(x(before.x), y(before.y), 2.5, 0, 7); c.fill(); }
  }
  c.restore();
}
function drawLegend(element, series) {
  list(element, series, line => line.name, line => {
    const swatch = make('i'), value = make('b'), item = make('span', {}, swatch, `${line.name} `, value);
    swatch.style.background = `var(--${line.colour})`;
    item.update = line => set(value, number(line.points.at(-1)?.y));
    return item;
  });
}
function draw(name, series, seconds) {
  drawLegend($(`${name}-legend`), series);
  drawLines($(`${name}-curve`), series, seconds);
}
function drawHistogram(canvas, frame) {
  const { c, width, height, colour } = surface(canvas), bins = frame.bins, top = Math.log1p(largest(bins)) || 1;
  const bottom = height - 15, step = width / bins.length;
  bins.forEach((pixels, index) => {
    const tall = pixels ? Math.max(1.5, Math.log1p(pixels) / top * (bottom - 2)) : 0;
    c.fillStyle = colour(index === bins.length - 1 && frame.saturated ? 'bad' : 'accent');
    c.fillRect(index * step, bottom - tall, Math.max(1, step - 1), tall);
  });
  c.fillStyle = colour('line'); c.fillRect(0, bottom, width, 1);
  c.fillStyle = colour('quiet'); c.textBaseline = 'alphabetic';
  c.textAlign = 'left'; c.fillText('0', 0, height - 2);
  c.textAlign = 'center'; c.fillText('pixels, logarithmic', width / 2, height - 2);
  c.textAlign = 'right'; c.fillText(`full scale ${count(frame.fullScale)}`, width, height - 2);
}

// MARK: state of the page

let live = null;          // the latest status event
let role = null;          // observe, operate, administer; null while unknown
let session = null;       // what ends with the connection
let started = null;       // when the daemon did, in milliseconds, to notice its restart
let skew = 0;             // how far this computer's clock is ahead of the daemon's, in milliseconds
const age = date => Math.max(0, (Date.now() - skew - Date.parse(date)) / 1000);
const mayAct = () => role !== 'observe' && live != null;
const newestFirst = (items, date) => [...items].sort((a, b) => b[date].localeCompare(a[date]) || b.id.localeCompare(a.id));

function notice(text) {
  const note = make('div', { textContent: text });
  $('notices').append(note);
  setTimeout(() => note.remove(), 6000);
}
function banner(text, tone = 'warn') {
  show($('banner'), text);
  $('banner').className = `banner ${tone}`;
  set($('banner'), text ?? '');
}
function reason(error) {
  if (error.status === 403) setRole('observe');
  return error instanceof Refusal ? error.message : 'The daemon did not answer.';
}
// Does what a button asks for and says what became of it.
async function act(button, work, done) {
  button.disabled = true;
  try {
    await work();
    if (done) notice(done);
  } catch (error) {
    notice(reason(error));
  } finally { button.disabled = !mayAct() && button.classList.contains('acting'); }
}
function setRole(value) {
  role = value;
  show($('role'), role === 'observe' || (role && token));
  set($('role'), role === 'observe' ? 'Read only' : role ?? '');
  show($('forget'), token);
  enableActions();
}
function enableActions() {
  for (const button of document.querySelectorAll('.acting')) button.disabled = !mayAct() || (button.id === 'blank' && live.status.running != null);
}
function button(text, action, kind = '') {
  return make('button', { type: 'button', textContent: text, className: `acting ${kind}`, disabled: !mayAct(), onclick: event => action(event.currentTarget) });
}

// MARK: status

const stateTones = { opening: 'busy', ready: 'good', degraded: 'warn', stopping: 'warn', running: 'busy', paused: 'warn', fault: 'bad', succeeded: 'good', failed: 'bad' };
// tooEarly becomes "too early".
const words = name => name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
function pill(element, text, tone) { set(element, text); element.className = `pill ${tone ?? ''}`; }
let counted = null;
function showStatus(status) {
  const busy = status.running && status.state === 'ready';
  pill($('state'), busy ? 'job running' : status.state, busy ? 'busy' : stateTones[status.state]);
  set($('bench-name'), `${status.bench.split('/').pop().replace(/\.ya?ml$/, '')}${status.simulated ? ' · simulated' : ''}`);
  $('bench-name').title = status.bench;
  banner({ opening: 'The bench is opening.', degraded: status.message ?? 'A device is missing.', stopping: 'The daemon is stopping.' }[status.state]);
  const { accepted = 0, ...reasons } = status.frames ?? {};
  const rejected = Object.values(reasons).reduce((sum, value) => sum + value, 0), now = performance.now();
  fact('accepted', count(accepted), 'frames accepted');
  fact('rejected', count(rejected), rejected && accepted ? `rejected (${percent(rejected / (accepted + rejected))})` : 'rejected');
  if (!counted || now - counted.time > 900) {
    fact('rate', number(counted && accepted >= counted.accepted ? (accepted - counted.accepted) / (now - counted.time) * 1000 : 0), 'frames/s');
    counted = { time: now, accepted };
  }
  fact('uptime', duration(status.uptime), `up · version ${status.version}`);
  const named = Object.entries(reasons).filter(([, value]) => value).map(([name, value]) => `${count(value)} ${words(name)}`);
  set($('not-credited'), named.length ? `Rejected frames: ${named.join(', ')}` : '');
  document.title = status.running?.progress ? `${Math.floor(100 * share(status.running.progress))} % ${status.running.kind} · odu` : 'odu';
}
function fact(id, value, unit) {
  if (!$(id).firstChild) $(id).append(make('b'), ' ', make('span'));
  set($(id).firstChild, value); set($(id).lastChild, unit);
}
function showDevices(devices) {
  show($('devices-empty'), !devices.length);
  const working = devices.filter(device => ['ready', 'running'].includes(device.state)).length;
  set($('devices-count'), devices.length ? `${working} of ${devices.length} working` : '');
  list($('devices'), devices, device => device.name, ({ name }) => {
    const { row, state, facts, message } = entry(name);
    row.update = device => {
      pill(state, device.state, stateTones[device.state]);
      set(facts, joined(device.kind, device.driver !== 'simulated' && device.driver, device.width && `${device.width} × ${device.height} pixels`,
        device.evidence && `timed by ${words(device.evidence)}`));
      tell(message, device.message, 'wrong');
    };
    return row;
  });
}

// MARK: camera

let frozen = false, cameraNumber = null, cameraArray = null, cameraFollowed = false;
function showFrame(frame) {
  if (frame.number === $('histogram').frame?.number) return;
  drawHistogram($('histogram'), $('histogram').frame = frame);
  fact('mean', number(frame.mean), 'mean');
  fact('largest', count(frame.largest), 'largest');
  fact('saturated', count(frame.saturated), frame.saturated ? `saturated (${percent(frame.saturated / (frame.width * frame.height))})` : 'saturated');
  $('saturated').classList.toggle('alarm', frame.saturated);
  const text = `mean ${number(frame.mean)} of ${frame.fullScale}, ${frame.saturated ? `${frame.saturated} pixels saturated` : 'nothing saturated'}`;
  $('histogram').ariaLabel = `Histogram: ${text}`;
  $('camera').ariaLabel = `Camera: ${text}`;
}
function paintCamera() {
  const fullScale = live?.frame?.fullScale ?? 65535;
  paint($('camera'), cameraArray, { low: 0, high: $('contrast').value === 'full' ? fullScale : largest(cameraArray.values) || 1, colours: grey, ceiling: fullScale });
}
// The newest frame, again and again: often while the bench is idle, rarely while a job has it.
async function followCamera() {
  if (cameraFollowed) return;
  cameraFollowed = true;
  for (let repeated = 0; live?.frame && !frozen;) {
    const began = performance.now();
    try {
      if (repeated < 3 || live.frame.number > cameraNumber) {
        const response = await request('v1/camera/latest?format=npy', { signal: session?.signal }), before = cameraNumber;
        cameraNumber = Number(response.headers.get('Odu-Frame'));
        cameraArray = parseArray(await response.arrayBuffer());
        repeated = cameraNumber === before ? repeated + 1 : 0;
        set($('camera-number'), `frame ${count(cameraNumber)}`);
        paintCamera();
      }
    } catch { await later(2000); }
    await later(Math.max(live?.status.running ? 500 : 200, performance.now() - began));
  }
  cameraFollowed = false;
}

// MARK: modulators and twin

let panelsSeen = 0;
function showPanels(devices) {
  const panels = devices.filter(device => device.kind === 'modulator');
  list($('panels'), panels, device => device.name, device => {
    const canvas = make('canvas', { ariaLabel: `What ${device.name} shows` });
    canvas.setAttribute('role', 'img');
    const well = make('div', { className: 'well' }, canvas, make('p', { className: 'empty', textContent: 'Nothing yet' }));
    const figure = make('figure', {}, well, make('figcaption', { textContent: device.name, title: device.name }));
    figure.canvas = canvas;
    figure.update = device => {
      const shape = Math.max(.25, Math.min(8, device.width / device.height || 1));
      well.style.aspectRatio = shape;
      figure.style.flex = `${shape} 1 0`;
    };
    return figure;
  });
  if (Date.now() - panelsSeen > 1900) { panelsSeen = Date.now(); pollPanels(); }
}
const pollPanels = oneAtATime(async () => {
  for (const device of live.devices.filter(device => device.kind === 'modulator' && device.state !== 'disconnected')) {
    const response = await request(`v1/modulators/${safe(device.name)}/pattern?format=png`, { signal: session?.signal });
    const figure = [...$('panels').children].find(figure => figure.key === device.name);
    if (figure) await paintPicture(figure.canvas, await response.blob());
  }
});
const agreement = { name: 'discrepancy, 1 − Pearson', colour: 'curve-3', points: [] };
let matchNumber = null;
function showMatch(match) {
  if (match.number !== matchNumber) { matchNumber = match.number; pollTwin(); }
}
function discrepancy(first, second) {
  const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length, a = mean(first), b = mean(second);
  const product = (x, y, c, d) => x.reduce((sum, value, index) => sum + (value - c) * (y[index] - d), 0);
  return 1 - product(first, second, a, b) / Math.sqrt(product(first, first, a, a) * product(second, second, b, b));
}
// Both come in one body, so that they are of one image.
const pollTwin = oneAtATime(async () => {
  const response = await request('v1/twin/prediction?format=npy&of=both', { signal: session?.signal });
  const { values, width, height } = parseArray(await response.arrayBuffer());
  const measured = values.subarray(0, width * height), predicted = values.subarray(width * height);
  const difference = measured.map((value, index) => value - predicted[index]);
  const high = largest(values) || 1, span = largest(difference.map(Math.abs));
  paint($('measured'), { values: measured, width, height }, { low: 0, high, colours: heat });
  paint($('predicted'), { values: predicted, width, height }, { low: 0, high, colours: heat });
  paint($('difference'), { values: difference, width, height }, { low: -high / 2, high: high / 2, colours: signed });
  set($('difference-caption'), `Difference ≤ ${percent(span / high)}`);
  addAgreement(discrepancy(measured, predicted));
});
function addAgreement(value) {
  const { points } = agreement, now = performance.now() / 1000, last = points.at(-1);
  if (!isFinite(value)) return;
  points.push({ x: now, y: value, phase: last && now - last.x < 20 ? last.phase : now });
  while (points[0].x < now - 600) points.shift();
  draw('agreement', [agreement], 600);
}

// MARK: jobs

const share = progress => progress.total > 0 ? Math.min(1, progress.completed / progress.total) : 0;
const isOver = job => ['succeeded', 'failed', 'cancelled'].includes(job.state);
const jobAct = (job, verb, done) => button => act(button, () => send(`v1/jobs/${safe(job.id)}/${verb}`), done);
// Asks once more, in the button itself, before work is lost.
function cancelButton(job) {
  const element = button('Cancel', () => {
    if (element.dataset.sure || job.state === 'queued') { clearTimeout(timer); calm(); return jobAct(job, 'cancel', `${job.id} is being cancelled.`)(element); }
    element.dataset.sure = 'yes'; set(element, 'Really cancel?');
    timer = setTimeout(calm, 4000);
  }, 'danger');
  let timer;
  const calm = () => { delete element.dataset.sure; set(element, 'Cancel'); };
  return element;
}
const progressText = ({ phase, completed, total, rate, timeLeft }) =>
  joined(`${phase} ${count(completed)} of ${count(total)}`, rate > 0 && `${number(rate)} /s`, timeLeft > 0 && `${duration(timeLeft)} left`);
function currentRow(job) {
  const { row, state, facts, message } = entry(job.id), bar = make('progress', { max: 1 });
  const pause = button('Pause', jobAct(job, 'pause')), resume = button('Resume', jobAct(job, 'resume'));
  bar.ariaLabel = `Progress of ${job.id}`;
  facts.before(bar);
  row.append(make('div', { className: 'actions' }, pause, resume, cancelButton(job)));
  row.update = job => {
    pill(state, job.state, stateTones[job.state]);
    if (job.progress) bar.value = share(job.progress); else bar.removeAttribute('value');
    set(facts, job.progress ? progressText(job.progress) : 'Starting …');
    tell(message, job.message, 'note');
    show(pause, job.state === 'running'); show(resume, job.state === 'paused');
  };
  return row;
}
function jobRow(job) {
  const cancel = cancelButton(job), { row, state, facts, message } = entry(job.id, cancel);
  row.update = job => {
    pill(state, job.state, stateTones[job.state]);
    show(cancel, job.state === 'queued');
    const parameters = Object.entries(job.parameters ?? {}).filter(([, value]) => ['string', 'number'].includes(typeof value)).map(([key, value]) => `${key} ${value}`);
    const time = job.ended && job.started && `took ${duration((Date.parse(job.ended) - Date.parse(job.started)) / 1000)}`;
    set(facts, joined(job.ended ? `${duration(age(job.ended))} ago` : `queued ${duration(age(job.created))} ago`, time, ...parameters.slice(0, 3)));
    tell(message, job.message, job.state === 'failed' ? 'wrong' : 'note');
  };
  return row;
}
let endings = '';
function showJobs() {
  const jobs = newestFirst(live.jobs, 'created'), running = jobs.find(job => ['running', 'paused'].includes(job.state));
  show($('current'), running);
  list($('current'), running ? [running] : [], job => job.id, currentRow);
  list($('jobs'), jobs.filter(job => job !== running), job => job.id, jobRow);
  show($('jobs-empty'), !jobs.length);
  showSampleChoice(jobs.filter(job => job.kind === 'generate' && job.artefacts?.includes('samples.png')));
  showCurveChoice(jobs.filter(job => ['train', 'compare'].includes(job.kind) && job.started), running);
  const ended = jobs.filter(isOver).map(job => job.id).join(' ');
  if (ended !== endings) { endings = ended; loadShelves(); }
}

// MARK: curves

let curves = { job: null, lines: new Map(), abort: null };
function choices(select, jobs) {
  list(select, jobs, job => job.id, job => Object.assign(make('option', { value: job.id, textContent: job.id }), { update() {} }));
  show(select, jobs.length > 1);
}
function showCurveChoice(jobs, running) {
  choices($('curves-job'), jobs);
  const fresh = jobs.find(job => job === running && job.id !== curves.seen);
  if (fresh) { curves.seen = fresh.id; followCurves(fresh.id); }
  else if (!curves.job && jobs.length) followCurves(jobs[0].id);
  else if (curves.ended && !curves.over && curves.job === running?.id) followCurves(curves.job);
}
async function followCurves(id) {
  curves.abort?.abort();
  const mine = curves = { job: id, seen: curves.seen, lines: new Map(), abort: new AbortController() };
  $('curves-job').value = id;
  set($('curves-log'), '');
  drawCurves();
  try {
    for await (const event of serverEvents(`v1/jobs/${safe(id)}/events`, AbortSignal.any([mine.abort.signal, session.signal]))) {
      if (event.type === 'metrics') addMetrics(mine, event.data);
      if (event.type === 'state') mine.over = isOver(event.data);
      if (event.type === 'log') set($('curves-log'), event.data.message);
    }
  } catch { /* followed anew while the job runs */ }
  mine.ended = true;
}
function addMetrics(mine, event) {
  for (const [name, value] of Object.entries(event.values)) {
    if (typeof value !== 'number') continue;
    if (!mine.lines.has(name)) mine.lines.set(name, []);
    const points = mine.lines.get(name);
    points.push({ x: event.time, y: value, phase: event.phase });
    if (points.length > 6000) mine.lines.set(name, points.filter((_, index) => index % 2));
  }
  if (!mine.waiting) { mine.waiting = true; setTimeout(() => { mine.waiting = false; if (curves === mine) drawCurves(); }, 250); }
}
function drawCurves() {
  const line = (name, colour) => ({ name, colour, points: curves.lines.get(name) ?? [] });
  const loss = [line('loss', 'accent'), line('error', 'curve-2')].filter(line => line.points.length);
  const discrepancy = [line('discrepancy', 'curve-3')].filter(line => line.points.length);
  show($('loss-chart'), loss.length); show($('discrepancy-chart'), discrepancy.length);
  show($('curves-empty'), !loss.length && !discrepancy.length);
  if (curves.job) { set($('curves-empty'), `No curves of ${curves.job} yet.`); set($('curves-title'), `Curves of ${curves.job}`); }
  for (const [name, series] of [['loss', loss], ['discrepancy', discrepancy]]) {
    draw(name, series);
    $(`${name}-curve`).ariaLabel = `Curves of ${curves.job}: ${series.map(line => `${line.name} now ${number(line.points.at(-1).y)}`).join(', ')}`;
  }
}

// MARK: samples, calibrations, models

let samplesJob = null, samplesPicture = null, samplesPinned = false;
function showSampleChoice(jobs) {
  choices($('samples-job'), jobs);
  if (jobs.length && (!samplesJob || (!samplesPinned && jobs[0].id !== samplesJob))) loadSamples(jobs[0].id);
}
async function loadSamples(id) {
  samplesJob = id;
  try {
    const blob = await (await request(`v1/jobs/${safe(id)}/artefacts/samples.png`)).blob();
    if (samplesJob !== id) return;
    samplesPicture = blob;
    await paintPicture($('samples'), blob);
    $('samples-job').value = id;
    const { count, sampler, steps, on } = live?.jobs.find(job => job.id === id)?.parameters ?? {};
    set($('samples-caption'), joined(id, count && `${count} images`, sampler && `${sampler}, ${steps} steps`, on && `on the ${on}`));
    $('samples').ariaLabel = `Generated samples: ${$('samples-caption').textContent}`;
    show($('samples-save'), true);
  } catch (error) { set($('samples-empty'), reason(error)); }
}
function save(blob, name) {
  const link = make('a', { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
const loadShelves = oneAtATime(async () => {
  const [{ calibrations }, { models: stored }, drift] = await Promise.all(['calibrations', 'models', 'drift'].map(name => json(`v1/${name}`)));
  showCalibrations(calibrations);
  showDrift(drift);
  showModels(stored);
});
function showCalibrations(calibrations) {
  const newest = newestFirst(calibrations, 'date');
  show($('calibrations-empty'), !newest.length);
  set($('calibrations-count'), newest.length ? String(newest.length) : '');
  list($('calibrations'), newest.slice(0, 12), item => item.id, item => {
    const restore = button('Restore', button => act(button, async () => { await send(`v1/calibrations/${safe(item.id)}/restore`); loadShelves(); }, `Calibration ${item.id} is in force.`));
    const rows = (item.parameters ?? []).map(value => make('tr', {}, make('td', { textContent: value.name }),
      make('td', { textContent: `${number(value.value)} ± ${number(value.standardDeviation)} ${value.unit}` })));
    const details = make('details', {}, make('summary', { textContent: `Parameters (${rows.length})` }), make('table', {}, make('tbody', {}, ...rows)));
    const { row, name, state, facts, message } = entry('', restore);
    if (rows.length) row.append(details);
    row.update = item => {
      set(name, `${duration(item.age)} old`);
      name.title = new Date(item.date).toLocaleString();
      show(state, item.inForce || item.stale);
      pill(state, item.inForce ? (item.stale ? 'in force, stale' : 'in force') : 'stale', item.stale ? 'warn' : 'good');
      show(restore, !item.inForce);
      set(facts, joined(item.run, item.verdict, isFinite(item.discrepancyAfter) && `discrepancy ${number(item.discrepancyBefore)} → ${number(item.discrepancyAfter)}`));
      tell(message, item.stale ? item.reason ?? 'It may no longer fit the bench.' : '', 'note');
    };
    return row;
  });
}
function showDrift({ readings, threshold }) {
  const line = (name, colour, y) => ({ name, colour, points: readings.map(reading => ({ x: Date.parse(reading.date) / 1000, y: y(reading) })) });
  const series = [line('drift', 'curve-3', ({ discrepancy }) => discrepancy)];
  if (threshold) series.push(line('limit', 'curve-2', ({ start }) => threshold * start));
  show($('drift-chart'), readings.length);
  draw('drift', series, 1e9);
}
let models = [];
function showModels(stored) {
  models = newestFirst(stored, 'date');
  show($('models-empty'), !models.length);
  set($('models-count'), models.length ? String(models.length) : '');
  list($('models'), models.slice(0, 12), model => model.id, model => {
    const generate = button('Generate', () => openJobForm('generate', { model: model.run ?? model.id }));
    const keep = make('button', { type: 'button', textContent: 'Save', ariaLabel: `Save the file of model ${model.id}`, onclick: event =>
      act(event.currentTarget, async () => save(await (await request(`v1/models/${safe(model.id)}/file`)).blob(), `${model.id}.odu`)) });
    const { row, facts } = entry(model.run ?? model.id, generate, keep);
    row.update = model => {
      set(facts, joined(model.mode, model.dataset, isFinite(model.error) && `error ${number(model.error)}`, model.frames && `${count(model.frames)} frames`, `${duration(age(model.date))} ago`));
    };
    return row;
  });
}

// MARK: new job

// What the daemon can be asked for by name: groups of members, each with a JSON Schema.
let kinds = { jobs: [] };
async function loadKinds() {
  kinds = await json('v1/kinds');
  const chosen = $('kind').value;
  $('kind').replaceChildren(...kinds.jobs.map(kind => make('option', { value: kind.name, textContent: title(kind.name) })));
  if (kinds.jobs.some(kind => kind.name === chosen)) $('kind').value = chosen;
}
const chosenKind = () => kinds.jobs.find(kind => kind.name === $('kind').value);
// offlineImages → Offline images
const title = name => name[0].toUpperCase() + words(name).slice(1);
// What can be chosen, and what is known of it.
function choicesOf(name, schema) {
  if (name === 'model') return models.map(({ id, run = id, mode, dataset }) => [run, joined(run, mode, dataset)]);
  if (schema.type === 'boolean') return [['true', 'yes'], ['false', 'no']];
  const names = (schema.items ?? schema).enum ?? schema.examples;
  const group = names && Object.values(kinds).find(members => names.every(name => members.some(member => member.name === name)));
  return names?.map(name => [name, joined(name, group?.find(member => member.name === name).summary)]);
}
const isNumber = schema => ['integer', 'number'].includes(schema.type);
// A menu for a choice, else a line of text.
function field(name, schema, isRequired, given) {
  const options = choicesOf(name, schema)?.map(([value, textContent]) => make('option', { value, textContent }));
  const isMenu = options && !schema.examples, fallback = schema.items ? null : schema.default;
  const input = make(isMenu ? 'select' : 'input', { name, required: isRequired });
  if (isMenu) {
    input.multiple = schema.items;
    if (!isRequired && fallback == null && !schema.items) options.unshift(make('option'));
    if (!options.length) options.push(make('option', { value: '', textContent: 'There is none yet.' }));
    input.append(...options);
  } else {
    input.autocomplete = 'off';
    if (isNumber(schema)) Object.assign(input, { type: 'number', min: schema.minimum, max: schema.maximum, step: schema.type === 'integer' ? 1 : 'any' });
    if (schema.items) Object.assign(input, { pattern: '[^ ,]+( *, *[^ ,]+)*', title: 'with commas between them' });
    if (fallback != null) input.placeholder = fallback;
    if (options) input.setAttribute('list', `${name}-list`);
  }
  const value = given ?? (isMenu ? fallback : isRequired ? schema.examples?.[0] : null);
  if (value != null) input.value = value;
  return make('label', { className: isMenu || isNumber(schema) || schema.items ? '' : 'wide' }, title(name), input,
    options && !isMenu ? make('datalist', { id: `${name}-list` }, ...options) : null, make('small', { textContent: schema.description }));
}
function showFields(given = {}) {
  const kind = chosenKind();
  if (!kind) return;
  set($('kind-hint'), kind.summary);
  set($('job-problem'), '');
  const { properties, required } = kind.parameters;
  $('fields').replaceChildren(...kind.order.map(name => field(name, properties[name], required?.includes(name), given[name])));
}
function openJobForm(kind, given) {
  if (kind) $('kind').value = kind;
  showFields(given);
  $('job-dialog').showModal();
}
function valueOf(text, schema) {
  if (schema.items) return text.split(',').map(part => valueOf(part, schema.items));
  if (schema.type === 'boolean') return text === 'true';
  return isNumber(schema) ? Number(text) : text.trim();
}
async function submitJob(event) {
  event.preventDefault();
  const kind = chosenKind(), form = new FormData($('job-form')), parameters = {};
  for (const name of form.keys()) {
    const text = form.getAll(name).join(',').trim();
    if (text) parameters[name] = valueOf(text, kind.parameters.properties[name]);
  }
  $('job-start').disabled = true;
  try {
    const job = await (await send('v1/jobs', { kind: kind.name, parameters })).json();
    notice(`${job.id} is on its way.`);
    $('job-dialog').close();
  } catch (error) {
    set($('job-problem'), reason(error));
  } finally { $('job-start').disabled = false; }
}

// MARK: connection

function update(event) {
  live = event;
  showStatus(live.status);
  showDevices(live.devices ?? []);
  showPanels(live.devices ?? []);
  showJobs();
  if (live.frame) { showFrame(live.frame); followCamera(); }
  if (live.match) showMatch(live.match);
  enableActions();
}
// The first event of a connection.
function opened(event) {
  const before = started;
  started = Date.now() - event.status.uptime * 1000;
  const restarted = before && Math.abs(before - started) > 5000;
  if (restarted) { counted = cameraNumber = matchNumber = $('histogram').frame = null; panelsSeen = 0; }
  if (lost) notice(restarted ? 'Connected again. The daemon has restarted.' : 'Connected again.');
  lost = false;
  live = event;
  show($('gate'), false); show($('bench'), true);
  if (!samplesPinned) samplesJob = null;
  loadShelves();
  if (curves.job) followCurves(curves.job);
}
let lost = false;
function disconnected() {
  lost = true;
  live = null;
  pill($('state'), 'not connected', 'bad');
  banner('The daemon does not answer. What you see is the last that was known; the page keeps trying.', 'bad');
  document.title = 'odu · not connected';
  enableActions();
}
function gate(problem) {
  show($('gate'), true); show($('bench'), false); show($('forget'), false); show($('role'), false);
  banner();
  set($('gate-problem'), problem);
  pill($('state'), 'locked');
  $('token').focus();
  return new Promise(done => {
    $('gate').onsubmit = event => { event.preventDefault(); keepToken($('token').value.trim()); $('token').value = ''; done(); };
  });
}
// Who we are to the daemon, asked of a route that refuses nobody.
async function askRole() {
  const { headers } = await request('healthz');
  skew = Date.now() - (Date.parse(headers.get('Date')) || Date.now());
  if (headers.get('Odu-Role') === 'none') throw new Refusal(401, 'The daemon does not know this token.');
  setRole(headers.get('Odu-Role'));
}
async function connect() {
  for (let attempt = 0; ; attempt++) {
    while (document.hidden) await new Promise(done => document.addEventListener('visibilitychange', done, { once: true }));
    const mine = session = new AbortController();
    let first = true;
    try {
      await askRole();
      await loadKinds();
      for await (const event of serverEvents('v1/live', mine.signal)) {
        if (event.type !== 'status') continue;
        if (first) opened(event.data);
        first = false;
        attempt = 0;
        // A mistake in the page is no lost connection.
        queueMicrotask(() => update(event.data));
      }
    } catch (error) {
      if (error.status === 401) {
        session = null;
        const problem = token && error.message;
        keepToken('');
        await gate(problem);
        continue;
      }
      if (error.status === 403) { banner(error.message, 'bad'); pill($('state'), 'not allowed', 'bad'); session = null; await later(10_000); continue; }
    }
    mine.abort();
    session = null;
    if (document.hidden) continue;
    if (!mine.forgotten) disconnected();
    await later(mine.forgotten ? 0 : Math.min(5000, 500 * 1.5 ** attempt));
  }
}

// MARK: controls

$('forget').onclick = () => { keepToken(''); live = null; if (session) { session.forgotten = true; session.abort(); } };
$('freeze').onclick = () => {
  frozen = !frozen;
  $('freeze').setAttribute('aria-pressed', frozen);
  if (!frozen) followCamera();
};
$('contrast').onchange = () => { if (cameraArray) paintCamera(); };
$('blank').onclick = event => act(event.currentTarget, async () => {
  for (const panel of $('panels').children) await send(`v1/slm/show?device=${safe(panel.key)}`, { pattern: 'blank' });
  panelsSeen = 0;
}, 'The modulators show their safe patterns.');
$('new-job').onclick = () => openJobForm(null, {});
$('job-close').onclick = () => $('job-dialog').close();
$('kind').onchange = () => showFields();
$('job-form').onsubmit = submitJob;
$('curves-job').onchange = event => followCurves(event.target.value);
$('samples-job').onchange = event => { samplesPinned = event.target.selectedIndex > 0; loadSamples(event.target.value); };
$('samples-save').onclick = () => { if (samplesPicture) save(samplesPicture, `${samplesJob}.png`); };
// A page that nobody sees asks for nothing.
document.addEventListener('visibilitychange', () => { if (document.hidden) session?.abort(); });
function redraw() {
  if ($('histogram').frame) drawHistogram($('histogram'), $('histogram').frame);
  if (agreement.points.length) drawLines($('agreement-curve'), [agreement], 600);
  drawCurves();
}
new ResizeObserver(redraw).observe($('content'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
setInterval(() => { if (live && !document.hidden) loadShelves(); }, 60_000);
// `odu-ctl open` may hand a token over in the address; it does not stay there.
const handed = /^#token=([!-~]+)$/.exec(location.hash)?.[1];
if (handed) { keepToken(handed); history.replaceState(null, '', location.pathname); }
connect();
