/** An answer other than 2xx that the service means to give. */
export class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Another service failed us: it answered 5xx, or did not answer. */
export class UpstreamError extends Error {
  constructor(service, message, options) {
    super(`${service} failed: ${message}`, options);
    this.service = service;
  }
}
