# Writes agreement.csv from sources.csv (R 4.2.2, epiR 2.0.57, psych 2.2.9). Run in this folder.
suppressMessages({library(epiR); library(psych)})
sources <- read.csv("sources.csv")
rows <- list()
add <- function(method, item, value) {
  rows[[length(rows) + 1]] <<- data.frame(method = method, item = item, value = paste(format(value, digits = 12), collapse = ";"))
}
for (pair in list(c("A", "B"), c("A", "C"), c("B", "C"))) {
  x <- sources[[pair[1]]]; y <- sources[[pair[2]]]; name <- paste(pair, collapse = "")
  for (scale in c("raw", "log1p")) {
    a <- if (scale == "raw") x else log1p(x)
    b <- if (scale == "raw") y else log1p(y)
    add(paste0("epi.ccc.", scale, ".", name), "rho.c est;lo;hi", unlist(epi.ccc(a, b, ci = "z-transform")$rho.c[1, ]))
    d <- a - b
    add(paste0("BlandAltman.", scale, ".", name), "bias;sd;loa", c(mean(d), sd(d), mean(d) - 1.96 * sd(d), mean(d) + 1.96 * sd(d)))
    add(paste0("pearson;spearman;kendall.", scale, ".", name), "r",
        c(cor(a, b), cor(a, b, method = "spearman"), cor(a, b, method = "kendall")))
  }
  some <- x + y > 0
  split <- glm(cbind(x, y)[some, ] ~ 1, family = quasibinomial)
  add(paste0("ratio.dayFE.quasibinomial.", name), "logratio;se;phi", c(coef(split), sqrt(vcov(split)[1, 1]), summary(split)$dispersion))
  add(paste0("ratio.totals.", name), "ratio", sum(x) / sum(y))
}
for (pair in list(c("A", "B"), c("A", "C"), c("B", "C"))) {
  cross <- ccf(sqrt(sources[[pair[1]]]), sqrt(sources[[pair[2]]]), lag.max = 7, plot = FALSE)
  add(paste0("ccf.sqrt.", paste(pair, collapse = "")), "lags -7..7 (R: cor(x[t+k],y[t]))", as.numeric(cross$acf))
}
bounds <- c(-1, 3, 8, 15, Inf)
kappas <- cohen.kappa(table(cut(sources$A, bounds), cut(sources$B, bounds)))
add("cohen.kappa.AB.4bins", "kappa;wkappa", c(kappas$kappa, kappas$weighted.kappa))
add("cohen.kappa.AB.4bins", "confid", as.numeric(t(kappas$confid)))
write.csv(do.call(rbind, rows), "agreement.csv", row.names = FALSE)
