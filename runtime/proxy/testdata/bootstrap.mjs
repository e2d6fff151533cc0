// A minimal language runtime for tests: it speaks the Runtime API through one kept
// connection, as AWS's own Node.js runtime does, and misbehaves on demand.
import http from 'node:http';
import fs from 'node:fs';

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const data = body === undefined ? undefined : Buffer.from(body);
    if (data) headers['Content-Length'] = data.length;
    const request = http.request(
      { hostname, port, method, path: '/2018-06-01/runtime/' + path, agent, headers },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }));
      });
    request.on('error', reject);
    request.end(data);
  });
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const actions = {
  echo: (event) => ({ echo: event.value, pid: process.pid }),
  inspect: (event, headers) => ({ headers, env: process.env }),
  throw: () => { throw new TypeError('no such product: „Müller“'); },
  exit: (event) => process.exit(event.code),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  spin: () => { for (;;); },
  sleep: async (event) => { await sleep(event.ms); return { slept: event.ms }; },
  big: (event) => 'x'.repeat(event.bytes),
  print: (event) => { process.stdout.write(event.out); process.stderr.write(event.err); return null; },
  descriptor: (event) => { fs.writeSync(3, event.text); return null; },
};

async function init() {
  switch (process.env.TEST_INIT) {
    case 'exit': process.exit(3); break;
    case 'error':
      console.log(JSON.stringify(await call('POST', 'init/error',
        '{"errorType":"Runtime.ImportModuleError", "errorMessage":"Cannot find module", "stackTrace":["a","b"]}',
        { 'Lambda-Runtime-Function-Error-Type': 'Runtime.ImportModuleError', 'Content-Type': 'application/vnd.aws.lambda.error+json' })));
      process.exit(129);
      break;
    case 'once': // the second start fails
      if (fs.existsSync(process.env.TEST_MARK)) {
        await call('POST', 'init/error', '{"errorType":"Runtime.Broken","errorMessage":"second start"}');
        process.exit(1);
      }
      fs.writeFileSync(process.env.TEST_MARK, '');
      break;
    case 'slow':
      fs.writeSync(1, 'initialising\n');
      await sleep(Number(process.env.TEST_SLOW));
      break;
  }
  process.on('SIGTERM', () => { process.stdout.write('terminating\n'); process.exit(7); });
}

await init();
for (;;) {
  const next = await call('GET', 'invocation/next');
  const id = encodeURIComponent(next.headers['lambda-runtime-aws-request-id']);
  const event = JSON.parse(next.body);
  try {
    const answer = JSON.stringify(await actions[event.do](event, next.headers));
    if (event.then === 'exit') {
      call('POST', `invocation/${id}/response`, answer).catch(() => {});
      setImmediate(() => process.exit(0));
      await sleep(1000);
    }
    const posted = await call('POST', `invocation/${id}/response`, answer);
    if (posted.status !== 202 && event.do !== 'big') throw new Error('response: ' + posted.status + posted.body);
  } catch (error) {
    await call('POST', `invocation/${id}/error`,
      JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: error.stack.split('\n') }));
  }
}
