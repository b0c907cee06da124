# INGARCH(1,1) of the simulated series by tscount: the part of the script that made the rows of ingarch.csv.
suppressMessages(library(tscount))
d <- read.csv("./data_sim.csv")
out <- list()
add <- function(ds, m, i, v) out[[length(out) + 1]] <<- data.frame(dataset = ds, method = m, item = i, value = as.character(v))
fit <- function(ds, y, distr, nm) {
  f <- tsglm(y, model = list(past_obs = 1, past_mean = 1), link = "identity", distr = distr)
  for (k in names(coef(f))) add(ds, nm, k, format(coef(f)[[k]], digits = 10))
  if (distr == "nbinom") add(ds, nm, "sigmasq", format(f$sigmasq, digits = 10))
  add(ds, nm, "loglik", format(as.numeric(logLik(f)), digits = 12))
  s <- tryCatch(summary(f)$coefficients[, 2], error = function(e) NA)
  add(ds, nm, "se", paste(format(s, digits = 8), collapse = ";"))
}
fit("ingarch1000", d$y[d$series == "ingarch1000"], "nbinom", "tsglm.id.nb.11")
fit("ingarch1000", d$y[d$series == "ingarch1000"], "poisson", "tsglm.id.pois.11")
for (s in c("flat365", "trend365", "step730")) fit(s, d$y[d$series == s], "nbinom", "tsglm.id.nb.11")
write.csv(do.call(rbind, out), "./ingarch.csv", row.names = FALSE)
