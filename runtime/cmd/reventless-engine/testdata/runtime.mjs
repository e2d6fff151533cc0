// A minimal language runtime with a plugin's handler in it. The command's name says
// how it behaves.
import http from 'node:http';

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, path, body, headers = {}) => new Promise((resolve, reject) => {
  const request = http.request({ hostname, port, method, path: '/2018-06-01/runtime/' + path, agent, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ headers: response.headers, text }));
  });
  request.on('error', reject);
  request.end(body);
});

function decide(turn) {
  switch (turn.command.data.name) {
    case 'spin': for (;;);
    case 'exit': process.exit(9); break;
    case 'throw': throw new RangeError('no price');
    case 'refuse': return { reject: { code: 'NameTaken', message: 'there is such a product' } };
  }
  return { events: [{ type: 'ProductCreated', data: turn.command.data }] };
}

if (process.env.TEST_INIT === 'exit') process.exit(42);
if (process.env.TEST_INIT === 'slow') await new Promise((resolve) => setTimeout(resolve, 500));
process.on('SIGTERM', () => process.exit(7));
for (;;) {
  const next = await call('GET', 'invocation/next');
  const id = next.headers['lambda-runtime-aws-request-id'];
  try {
    await call('POST', `invocation/${id}/response`, JSON.stringify(decide(JSON.parse(next.text))));
  } catch (error) {
    await call('POST', `invocation/${id}/error`,
      JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: error.stack.split('\n') }));
  }
}
