// What the scripts of the page add to the one global; for `tsc --checkJs`, never part of the page.

interface LiantuView {
  key: string;
  /** A key of the vocabulary, or what gives the title in the current language. */
  title: string | (() => string);
  /** Whether it can be shown without data. */
  alone?: boolean;
  /** Fill an empty element. What is returned, if anything, is called when the state changes
   * instead of filling again. */
  show(root: HTMLElement): void | ((changed: Set<string>) => void);
}

type LiantuChild = Node | string | number | null | undefined | false | LiantuChild[];

interface Window {
  liantu: any;
}
declare const liantu: any;
