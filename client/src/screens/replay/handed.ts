let handed: File | null = null;

/** Keeps a file for the replay page, which is the next one to be shown. */
export function handOver(file: File): void {
  handed = file;
}

/** The file that another page was given, once. */
export function takeHandedOver(): File | null {
  const file = handed;
  handed = null;
  return file;
}
