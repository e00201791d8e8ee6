/** What the host counts, as far as it is known here. */
export class HostNumbers {
  /** The epoch that the host writes into now. */
  epoch = 1;
  /** The number of the next command. */
  next = 1;
  /** The newest command of the session shell; later ones run beside it. */
  front = 0;
}
