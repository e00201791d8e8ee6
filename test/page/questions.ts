import type { Question } from "../../src/approvals/index.ts";

const common = { refusalKey: "test", topics: [] } as const;

/** What sudo asks, with all that a person is told of it. */
export const sudoQuestion: Question = {
  ...common,
  kind: "fields",
  key: "sudo",
  title: "Give the password for sudo on web1",
  facts: [
    { label: "Host", value: "web1 (web1.example.com)" },
    { label: "User", value: "deploy" },
    { label: "It runs", value: "/usr/bin/sudo -A systemctl restart nginx" },
    { label: "Again", value: "What was given before was wrong", tone: "warning" },
  ],
  fields: [{ label: "[sudo] password for deploy:", hidden: true, required: true, fromHost: true }],
};

/** A key that nobody knows. */
export const trustQuestion: Question = {
  ...common,
  kind: "confirm",
  key: "trust",
  title: "Is this the host key of web1?",
  facts: [
    { label: "Host", value: "web1 (web1.example.com:2222)" },
    { label: "Fingerprint", value: "ED25519 SHA256:uNiVztksCsDhcc0u9e8BrdXJQvJ8u1hM6Ewtwm5iXxE" },
    {
      label: "How to know",
      value:
        "Holdfast has never connected to this host. Compare the fingerprint with the one that its administrator gives you; if it differs, somebody may be in between.",
      tone: "advice",
    },
  ],
  yes: "It is the same: trust this key",
};

/** As much as a host can make of it. */
export const longQuestion: Question = {
  ...common,
  kind: "fields",
  key: "long",
  title: `Log in to ${"very-long-name-".repeat(12)}`,
  facts: [
    { label: "The host says", value: `</style><img src=x onerror=alert(1)>\n${"WORD".repeat(200)}` },
    ...Array.from({ length: 11 }, (_, n) => ({ label: `Fact ${n}`, value: "so it is ".repeat(n) })),
  ],
  fields: Array.from({ length: 8 }, (_, n) => ({ label: `${"Verification-code-".repeat(n)}:`, hidden: n % 2 === 0 })),
};
