export { serveOverStreams } from "./serve-stdio.ts";
