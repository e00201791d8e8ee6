export { createHttpEndpoint, type HttpEndpoint } from "./http-endpoint.ts";
export { errorResponse } from "./http-reply.ts";
export { ParkedCalls } from "./parked-calls.ts";
export { RunningCalls } from "./running-calls.ts";
export { serveOverStreams } from "./serve-stdio.ts";
export { createServerFactory } from "./server-factory.ts";
export { createSseEndpoint, type SseEndpoint } from "./sse-endpoint.ts";
