// @ts-check
/* The last script: fetch the data, show the page. */
"use strict";
(async () => {
  liantu.frame();
  try {
    liantu.load(liantu.facts.served ? await liantu.fetched() : await liantu.unpack());
  } catch (error) {
    liantu.failed(error);
  }
})();
