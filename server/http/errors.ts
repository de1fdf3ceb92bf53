import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { describeError, type Log } from '../log.ts';

/** Why a request was refused, in the one form that every path uses. */
export function sendError(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ error: { code, message } });
}

export const notFound: RequestHandler = (_request, response) => {
  sendError(response, 404, 'not-found', 'there is nothing at this address');
};

/** Express gives a fault of the request a status of its own; everything else is ours, and in the log. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = (error as { status?: unknown }).status;
    if (typeof status === 'number' && status >= 400 && status < 500) {
      return sendError(response, status, 'malformed', CLIENT_FAULTS[status] ?? 'the request cannot be read');
    }
    log.error(describeError(error), 'a request failed');
    sendError(response, 500, 'internal', 'the server failed; it is in its log');
  };
}

/** Their own messages would repeat what was sent. */
const CLIENT_FAULTS: Readonly<Record<number, string>> = {
  400: 'the request is not valid JSON, or its address is not valid',
  404: 'there is nothing at this address',
  413: 'the request is too large',
  415: 'the request must be application/json in UTF-8',
};
