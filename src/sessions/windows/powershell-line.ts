import type { WindowsLine, WindowsText } from "./windows-line.ts";

/** How a script is given to PowerShell: without profile and questions, its stdin left to the command, its errors as text. */
const options = "-NoLogo -NoProfile -NonInteractive -InputFormat None -OutputFormat Text -EncodedCommand";

/** Text as a literal of PowerShell, for which curly quotes end one, too. */
export function powershellWord(text: string): string {
  return `'${text.replaceAll(/['\u2018-\u201B]/g, "$&$&")}'`;
}

/** A script as a line without quotes, the same for every login shell. */
export function encodedLine(program: string, script: string): string {
  return `${program} ${options} ${Buffer.from(script, "utf16le").toString("base64")}`;
}

/**
 * The line that has `program` (powershell or pwsh) run a text, and tell behind its output how it ended, where it is and which variables there
 * are. Beyond `longest` characters the script goes as a file.
 */
export function powershellLine(request: WindowsText, program: string, longest: number): WindowsLine {
  const script = wrapped(request);
  const line = encodedLine(program, script);
  if (line.length <= longest) return { line };
  return {
    file: { ending: ".ps1", content: script },
    // Read, not run, so that it is no matter which scripts the host's policy lets run.
    lineFor: (path) => {
      const word = powershellWord(path);
      const read = `$s=[IO.File]::ReadAllText(${word},[Text.Encoding]::UTF8);[IO.File]::Delete(${word})`;
      return encodedLine(program, `${read};. ([ScriptBlock]::Create($s))`);
    },
  };
}

function wrapped({ text, directory, changes, mark, bare }: WindowsText): string {
  const said = `${powershellWord(mark[0])}+${powershellWord(mark[1])}`;
  const variables = [...changes].map(
    ([name, value]) =>
      `[Environment]::SetEnvironmentVariable(${powershellWord(name)},${value === undefined ? "$null" : powershellWord(value)})`,
  );
  const gone = bare ? "exit 1" : `hf_say ' gone'; exit 1`;
  const place =
    directory === undefined
      ? []
      : [`Set-Location -LiteralPath ${powershellWord(directory)}`, `if (-not $?) { ${gone} }`];
  return [
    "$ProgressPreference = 'SilentlyContinue'",
    "try { [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false } catch { }",
    "$OutputEncoding = New-Object Text.UTF8Encoding $false",
    ...(bare ? [] : telling(said)),
    "$env:HOLDFAST = '1'",
    ...place,
    ...variables,
    "$global:LASTEXITCODE = 0",
    "$global:hf_ok = $null",
    `$hf_text = [ScriptBlock]::Create(${powershellWord(`${text}\n$global:hf_ok = $?`)})`,
    // One pipeline, so that all of its output is out before anything is told.
    "if ($hf_text) { . $hf_text | Out-Default } else { $global:hf_ok = $false }",
    "$hf_status = if ($global:hf_ok -ne $false) { 0 } elseif ($global:LASTEXITCODE) { $global:LASTEXITCODE } else { 1 }",
    ...(bare ? ["exit $hf_status"] : ["hf_end $hf_status"]),
  ].join("\n");
}

/** Functions that write on stdout what is ours, as bytes, and the process's number. */
function telling(said: string): readonly string[] {
  return [
    "function hf_say($t) {",
    `$b = [Text.Encoding]::UTF8.GetBytes((${said}) + $t + "\`n")`,
    "$o = [Console]::OpenStandardOutput(); $o.Write($b, 0, $b.Length); $o.Flush() }",
    "function hf_end($status) {",
    "$v = [Environment]::GetEnvironmentVariables()",
    '$l = @($v.Keys | ForEach-Object { "$_=$($v[$_])" })',
    "$d = (Get-Location -PSProvider FileSystem).ProviderPath",
    'hf_say " $status`n$d`n$($l -join [string][char]0)`0"',
    "hf_say '.'",
    "exit 0 }",
    'hf_say " pid $PID"',
  ];
}
