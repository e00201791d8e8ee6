export { createFileStore, createMemoryStore, type BadDocument, type DocumentStore } from "./document-store.ts";
