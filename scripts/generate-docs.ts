import { writeFileSync } from "node:fs";
import { toolTable } from "../src/tools/index.ts";
import { toolsDocument } from "./tools-document.ts";

writeFileSync("docs/tools.md", toolsDocument(toolTable));
