// Plays the Node.js runtime of AWS Lambda.
//
//  1. It loads the module and function that _HANDLER names: CommonJS or ES module.
//  2. It asks the Runtime API for one invocation after the other, calls the handler
//     (async, or with a callback) and posts the answer or the error.
//  3. What happens outside of an invocation ends the process, as on AWS.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import util from 'node:util';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let requestId = 'undefined';

// No time-out: the request for the next invocation waits as long as it must.
const request = (method, url, body, headers = {}) => new Promise((resolve, reject) => {
  const sent = http.request(base + url, { method, agent, headers }, (response) => {
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    response.on('error', reject);
  });
  sent.on('error', reject);
  sent.end(body);
});

const describe = (error) => (util.types.isNativeError(error) || error instanceof Error
  ? { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split('\n') }
  : { errorType: typeof error, errorMessage: String(error), trace: [] });

const postError = (url, description) => request('POST', url, JSON.stringify(description), {
  'Content-Type': 'application/json', 'Lambda-Runtime-Function-Error-Type': description.errorType,
});

for (const [method, level] of Object.entries({ log: 'INFO', debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR', trace: 'TRACE' })) {
  console[method] = (...args) => process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${util.format(...args)}\n`);
}

const named = (name, message) => Object.assign(new Error(message), { name });

async function loadModule(file) {
  for (const extension of ['', '.js', '.mjs', '.cjs']) {
    const candidate = file + extension;
    if (!fs.existsSync(candidate) || fs.statSync(candidate).isDirectory()) continue;
    if (!candidate.endsWith('.mjs')) {
      try {
        return createRequire(pathToFileURL(candidate))(candidate);
      } catch (error) {
        const isModule = error.code === 'ERR_REQUIRE_ESM' || error.code === 'ERR_REQUIRE_ASYNC_MODULE'
          || (error instanceof SyntaxError && /import statement|Unexpected token 'export'/.test(error.message));
        if (!isModule) throw error;
      }
    }
    return import(pathToFileURL(candidate));
  }
  throw named('Runtime.ImportModuleError', `Error: Cannot find module '${path.basename(file)}'`);
}

async function loadHandler() {
  const [, directory, module, name] = /^(.*?)([^/.]+)\.(.+)$/.exec(process.env._HANDLER)
    ?? (() => { throw named('Runtime.MalformedHandlerName', 'Bad handler'); })();
  let loaded;
  try {
    loaded = await loadModule(path.resolve(process.env.LAMBDA_TASK_ROOT, directory, module));
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND') throw named('Runtime.ImportModuleError', `Error: ${error.message}`);
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`);
    throw error;
  }
  const pick = (from) => name.split('.').reduce((value, key) => value?.[key], from);
  const handler = pick(loaded) ?? pick(loaded?.default);
  if (handler === undefined) throw named('Runtime.HandlerNotFound', `${process.env._HANDLER} is undefined or not exported`);
  if (typeof handler !== 'function') throw named('Runtime.HandlerNotFound', `${process.env._HANDLER} is not a function`);
  if (handler.length >= 3 && process.env.AWS_EXECUTION_ENV === 'AWS_Lambda_nodejs24.x') {
    throw named('Runtime.CallbackHandlerDeprecated', 'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.');
  }
  return handler;
}

const context = (headers, settle) => ({
  callbackWaitsForEmptyEventLoop: true,
  awsRequestId: headers['lambda-runtime-aws-request-id'],
  invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  getRemainingTimeInMillis: () => Number(headers['lambda-runtime-deadline-ms']) - Date.now(),
  done: settle, fail: (error) => settle(error), succeed: (result) => settle(null, result),
});

const call = (handler, event, headers) => new Promise((resolve, reject) => {
  const settle = (error, result) => (error === null || error === undefined ? resolve(result) : reject(error));
  const result = handler(event, context(headers, settle), settle);
  if (typeof result?.then === 'function') result.then(resolve, reject);
  else if (handler.length < 3) resolve(result);
});

async function fatal(type, error, code) {
  const description = { ...describe(error), errorType: type };
  console.error(description.errorMessage, description.trace?.join('\n'));
  await postError(requestId === 'undefined' ? '/init/error' : `/invocation/${requestId}/error`, description).catch(() => {});
  process.exit(code);
}
process.on('uncaughtException', (error) => fatal(error?.name ?? 'Error', error, 129));
process.on('unhandledRejection', (error) => fatal('Runtime.UnhandledPromiseRejection', error, 128));

async function serveNext(handler) {
  const { headers, body } = await request('GET', '/invocation/next');
  requestId = headers['lambda-runtime-aws-request-id'];
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
  try {
    const result = await call(handler, JSON.parse(body), headers);
    await request('POST', `/invocation/${requestId}/response`, JSON.stringify(result === undefined ? null : result), { 'Content-Type': 'application/json' });
  } catch (error) {
    console.error('Invoke Error', JSON.stringify(describe(error)));
    await postError(`/invocation/${requestId}/error`, describe(error));
  }
}

let handler;
try {
  handler = await loadHandler();
} catch (error) {
  await fatal(error?.name ?? 'Error', error, 1);
}
for (;;) await serveNext(handler);
