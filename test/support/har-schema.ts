/** HAR 1.2 as its specification says it (http://www.softwareishard.com/blog/har-12-spec/): required fields, types, nothing unknown but `_` fields. */
import { z } from 'zod';

/** Fields of one's own begin with an underscore; everything else must be of the format. */
function har<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.looseObject(shape).superRefine((value, context) => {
    for (const key of Object.keys(value))
      if (!(key in shape) && !key.startsWith('_')) context.addIssue(`HAR has no field "${key}" here`);
  });
}

const comment = z.string().optional();
const time = z.iso.datetime();
/** Bytes or milliseconds; -1 for what is not known. */
const known = z.number().min(-1);
const pair = har({ name: z.string(), value: z.string(), comment });

const cookie = har({
  name: z.string(),
  value: z.string(),
  path: z.string().optional(),
  domain: z.string().optional(),
  expires: time.optional(),
  httpOnly: z.boolean().optional(),
  secure: z.boolean().optional(),
  comment,
});

const request = har({
  method: z.string().min(1),
  url: z.url(),
  httpVersion: z.string(),
  cookies: z.array(cookie),
  headers: z.array(pair),
  queryString: z.array(pair),
  postData: har({ mimeType: z.string(), text: z.string(), comment }).optional(),
  headersSize: known,
  bodySize: known,
  comment,
});

const response = har({
  status: z.number().int(),
  statusText: z.string(),
  httpVersion: z.string(),
  cookies: z.array(cookie),
  headers: z.array(pair),
  content: har({
    size: z.number().min(0),
    compression: z.number().optional(),
    mimeType: z.string(),
    text: z.string().optional(),
    encoding: z.literal('base64').optional(),
    comment,
  }),
  redirectURL: z.string(),
  headersSize: known,
  bodySize: known,
  comment,
});

const entry = har({
  startedDateTime: time,
  time: z.number().min(0),
  request,
  response,
  cache: z.strictObject({}),
  timings: har({ send: known, wait: known, receive: known, comment }),
  serverIPAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
  comment,
}).refine(
  ({ time: whole, timings: { send, wait, receive } }) =>
    Math.abs(whole - [send, wait, receive].filter((part) => part > 0).reduce((sum, part) => sum + part, 0)) < 1e-6,
  'time is not the sum of the timings',
);

export const HAR = har({
  log: har({
    version: z.literal('1.2'),
    creator: har({ name: z.string(), version: z.string(), comment }),
    entries: z.array(entry),
    comment,
  }),
});
