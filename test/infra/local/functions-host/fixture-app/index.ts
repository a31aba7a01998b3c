/**
 * A small app with one function of each kind. The settings FIXTURE_* give its queue and its timer other names for
 * each test; what its functions saw is read back over HTTP.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { app, type InvocationContext, output, type Timer } from '@azure/functions';

if (process.env.FIXTURE_FAILS_TO_LOAD) throw new Error('FIXTURE_FAILS_TO_LOAD is set');

const seen: { queue: object[]; timer: object[]; hooks: string[] } = { queue: [], timer: [], hooks: [] };

app.hook.preInvocation(({ invocationContext }) => {
  seen.hooks.push(`before ${invocationContext.functionName}`);
});
app.hook.postInvocation(({ invocationContext, error }) => {
  seen.hooks.push(`${error ? 'failed' : 'after'} ${invocationContext.functionName}`);
});

app.http('seen', { route: 'seen', methods: ['GET'], handler: async () => ({ jsonBody: seen }) });

app.http('echo', {
  route: 'things/{thingId}/{part?}',
  methods: ['POST', 'DELETE'],
  handler: async (request, context) => {
    context.warn('echo was asked');
    return {
      status: 201,
      headers: { 'x-answer': 'yes' },
      cookies: [{ name: 'visit', value: '1', httpOnly: true, maxAge: 60 }],
      jsonBody: {
        method: request.method,
        url: request.url,
        params: request.params,
        color: request.query.get('color'),
        header: request.headers.get('x-question'),
        text: await request.text(),
      },
    };
  },
});
app.http('literal', { route: 'things/special', methods: ['POST'], handler: async () => ({ body: 'literal' }) });
app.http('broken', {
  methods: ['GET'],
  handler: () => {
    throw new Error('broken on purpose, see https://example.test/blob?sig=secret');
  },
});
app.http('slow', {
  methods: ['GET'],
  handler: async (request) => {
    await pause(Number(request.query.get('ms')));
    return { body: 'done' };
  },
});

app.storageQueue('take', {
  queueName: '%FIXTURE_QUEUE%',
  connection: '',
  handler: async (message, context) => {
    seen.queue.push({ message, dequeueCount: context.triggerMetadata?.dequeueCount });
    if (message === 'slow') await pause(1_000);
    if (message === 'poison') throw new Error('cannot take poison');
  },
});

const passedOn = output.storageQueue({ queueName: '%FIXTURE_QUEUE%', connection: '' });
app.http('pass-on', {
  methods: ['POST'],
  extraOutputs: [passedOn],
  handler: async (request, context: InvocationContext) => {
    context.extraOutputs.set(passedOn, [await request.text(), { passed: 'on' }]);
    return { status: 202 };
  },
});

app.timer('tick', {
  schedule: '%FIXTURE_SCHEDULE%',
  handler: async (timer: Timer) => {
    seen.timer.push({ at: Date.now(), isPastDue: timer.isPastDue });
  },
});
