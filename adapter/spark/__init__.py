"""Apache Spark: conversion and weekly sums of more records than one machine takes, by the same maps."""
