export { readTokenFile } from "./bearer-token.ts";
export { openOneTimePage } from "./one-time-page.ts";
export { openHttpListener, type HttpListener } from "./http-listener.ts";
export { createRoutes } from "./routes.ts";
export { serveHttp, type HttpOptions, type HttpService } from "./serve-http.ts";
