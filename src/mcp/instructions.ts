/** What the server tells an agent once: at most 1,200 characters, of which the first 500 stand alone (some clients show no more). */
export const instructions = [
  "Holdfast runs commands on hosts over SSH in sessions that hold: the session lives on the host, so directory, variables and running commands survive a lost connection or a restart of this server. ",
  'Start with ssh_run {"on":"<alias or user@host>","command":"..."}; it opens the session itself. ',
  "The first line of each reply is the state. `running` is not an error: the command goes on; make the call named after `next:`. ",
  "Run it once: never repeat a command because its reply was `running`.\n",
  "A non-zero exit is a result; `lost` means the outcome is unknown, so check before repeating. ",
  "`on` takes several targets and runs on all of them in parallel. ",
  "State is kept between commands of a session: cd once, then go on. ",
  "Long output is cut in the middle and says where to read on; use tail or grep of ssh_read instead of reading all of it. ",
  "A command that waits for input is fed by ssh_input and ended by ssh_stop. ",
  "Errors are one line and name the next step; host key and login errors need a person: pass the line on.",
].join("");
