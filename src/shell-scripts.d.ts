/** Scripts that run on hosts are files of their own; the build carries them as text. */
declare module "*.sh" {
  const text: string;
  export default text;
}
