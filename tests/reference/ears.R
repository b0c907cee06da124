# References for aberration detection -> ref_surv_*.csv
suppressMessages({library(surveillance)})
d<-read.csv("./data_sim.csv"); out<-list()
add<-function(ds,method,time,obs,ub,alarm,extra=NA) out[[length(out)+1]]<<-data.frame(dataset=ds,method=method,time=time,observed=obs,upperbound=ub,alarm=as.integer(alarm),extra=extra)
mk<-function(y,freq=365,start=c(2023,1)) sts(observed=matrix(y,ncol=1),frequency=freq,start=start)
tm<-c()
for(nm in c("flat365","step730","spiky500","low365")){ y<-d$y[d$series==nm]; s<-mk(y)
 for(M in c("C1","C2","C3")){ tm[paste(nm,M)]<-system.time(r<-earsC(s,control=list(method=M,baseline=7,alpha=0.001)))[3]; rr<-r@control$range; ub<-upperbound(r)[rr]; al<-alarms(r)[rr]
  if(length(upperbound(r))==length(rr)) {ub<-as.numeric(upperbound(r));al<-as.numeric(alarms(r))}
  add(nm,paste0("earsC.",M,".b7.a.001"),rr,y[rr],ub,al)}
 r<-earsC(s,control=list(method="C2",baseline=28,alpha=0.01)); rr<-r@control$range; ub<-as.numeric(upperbound(r)); al<-as.numeric(alarms(r)); if(length(ub)!=length(rr)){ub<-ub[rr];al<-al[rr]}; add(nm,"earsC.C2.b28.a.01",rr,y[rr],ub,al)
}
write.csv(do.call(rbind,out),"./ref_surveillance.csv",row.names=FALSE)
